namespace Eventide.Scaling.Demand;

/// <summary>
/// A fleet as what its drivers do, not as a drawn curve: they begin between six and nine, stop for 45 minutes after four and a half hours at the wheel (EU Regulation
/// 561/2006, Article 7), and park after nine. The dip at lunch follows from that. A vehicle talks every 30 seconds on the road and every ten minutes when parked,
/// and at once when its ignition changes.
/// </summary>
public sealed class Fleet
{
    private const int SecondsPerDay = 86_400;
    private static readonly TimeSpan AtTheWheelBeforeBreak = TimeSpan.FromHours(4.5);
    private static readonly TimeSpan Break = TimeSpan.FromMinutes(45);
    private readonly int[] _driving;
    private readonly int[] _ignitions;

    private Fleet(int vehicles, int[] driving, int[] ignitions) => (Vehicles, _driving, _ignitions) = (vehicles, driving, ignitions);

    /// <summary>How many vehicles there are.</summary>
    public int Vehicles { get; }

    /// <summary>One day of <paramref name="vehicles"/> drivers; the same seed gives the same day.</summary>
    /// <param name="nightShare">Part of the fleet that drives in the night, a long-haul's share.</param>
    public static Fleet Simulate(int vehicles, int seed, double nightShare = 0.04)
    {
        var random = new Random(seed);
        var driving = new int[SecondsPerDay];
        var ignitions = new int[SecondsPerDay];
        for (var vehicle = 0; vehicle < vehicles; vehicle++)
        {
            foreach (var (begin, end) in Shift(random, nightShare))
            {
                Drive(driving, ignitions, begin, end);
            }
        }

        // What was written are changes; what is wanted are sums.
        for (var second = 1; second < SecondsPerDay; second++)
        {
            driving[second] += driving[second - 1];
        }

        return new Fleet(vehicles, driving, ignitions);
    }

    /// <summary>How many vehicles are on the road.</summary>
    public int DrivingAt(TimeSpan timeOfDay) => _driving[Second(timeOfDay)];

    /// <summary>Expected readings per second.</summary>
    public double ReadingsPerSecondAt(TimeSpan timeOfDay)
    {
        var second = Second(timeOfDay);
        return (_driving[second] / 30.0) + ((Vehicles - _driving[second]) / 600.0) + _ignitions[second];
    }

    private static int Second(TimeSpan timeOfDay) => (int)(timeOfDay.TotalSeconds % SecondsPerDay);

    private static IEnumerable<(TimeSpan Begin, TimeSpan End)> Shift(Random random, double nightShare)
    {
        var begin = random.NextDouble() < nightShare
            ? TimeSpan.FromHours(19 + (3 * random.NextDouble()))
            : TimeSpan.FromHours(6 + (3 * random.NextDouble()));
        var atTheWheel = TimeSpan.FromHours(Math.Clamp(8 + Poisson.Gaussian(random), 3, 9));
        var first = atTheWheel < AtTheWheelBeforeBreak ? atTheWheel : AtTheWheelBeforeBreak;
        yield return (begin, begin + first);
        if (atTheWheel > first)
        {
            var again = begin + first + Break;
            yield return (again, again + (atTheWheel - first));
        }
    }

    private static void Drive(int[] driving, int[] ignitions, TimeSpan begin, TimeSpan end)
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
