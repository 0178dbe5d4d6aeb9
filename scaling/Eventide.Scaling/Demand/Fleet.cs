namespace Eventide.Scaling.Demand;

/// <summary>
/// A fleet as what its drivers do, not as a drawn curve: the dip at lunch follows from their breaks (<see cref="DriverDay"/>). A vehicle talks every 30 seconds on the
/// road and every ten minutes when parked, and at once when its ignition changes.
/// </summary>
public sealed class Fleet
{
    /// <summary>How often a vehicle on the road says where it is.</summary>
    public static readonly TimeSpan IntervalOnTheRoad = TimeSpan.FromSeconds(30);

    /// <summary>How often a parked vehicle says that it is there.</summary>
    public static readonly TimeSpan IntervalParked = TimeSpan.FromMinutes(10);

    private const int SecondsPerDay = 86_400;
    private readonly int[] _driving;
    private readonly int[] _ignitions;

    private Fleet(IReadOnlyList<DriverDay> days, int[] driving, int[] ignitions) => (Days, _driving, _ignitions) = (days, driving, ignitions);

    /// <summary>How many vehicles there are.</summary>
    public int Vehicles => Days.Count;

    /// <summary>What each vehicle's driver does.</summary>
    public IReadOnlyList<DriverDay> Days { get; }

    /// <summary>One day of <paramref name="vehicles"/> drivers; the same seed gives the same day.</summary>
    /// <param name="nightShare">Part of the fleet that drives in the night, a long-haul's share.</param>
    public static Fleet Simulate(int vehicles, int seed, double nightShare = 0.04)
    {
        var random = new Random(seed);
        DriverDay[] days = [.. Enumerable.Range(0, vehicles).Select(_ => DriverDay.Draw(random, nightShare))];
        var driving = new int[SecondsPerDay];
        var ignitions = new int[SecondsPerDay];
        foreach (var (begin, end) in days.SelectMany(day => day.Drives))
        {
            Add(driving, ignitions, begin, end);
        }

        // What was written are changes; what is wanted are sums.
        for (var second = 1; second < SecondsPerDay; second++)
        {
            driving[second] += driving[second - 1];
        }

        return new Fleet(days, driving, ignitions);
    }

    /// <summary>How many vehicles are on the road.</summary>
    public int DrivingAt(TimeSpan timeOfDay) => _driving[Second(timeOfDay)];

    /// <summary>Expected readings per second.</summary>
    public double ReadingsPerSecondAt(TimeSpan timeOfDay)
    {
        var second = Second(timeOfDay);
        return (_driving[second] / IntervalOnTheRoad.TotalSeconds) + ((Vehicles - _driving[second]) / IntervalParked.TotalSeconds) + _ignitions[second];
    }

    private static int Second(TimeSpan timeOfDay) => (int)(timeOfDay.TotalSeconds % SecondsPerDay);

    private static void Add(int[] driving, int[] ignitions, TimeSpan begin, TimeSpan end)
    {
        var (from, to) = ((int)begin.TotalSeconds, (int)end.TotalSeconds);
        ignitions[from % SecondsPerDay]++;
        ignitions[to % SecondsPerDay]++;
        driving[from % SecondsPerDay]++;
        driving[to % SecondsPerDay]--;
        if (from / SecondsPerDay != to / SecondsPerDay)
        {
            // Over midnight: on the road when the day begins.
            driving[0]++;
        }
    }
}
