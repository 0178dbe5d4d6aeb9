namespace Eventide.Scaling.Demand;

/// <summary>Once at the wheel, in time since midnight; past 24 hours it is the next day.</summary>
public readonly record struct Drive(TimeSpan Begin, TimeSpan End);

/// <summary>
/// When a driver is at the wheel, every day alike: begin between six and nine, at night for some; a stop of 45 minutes after four and a half hours (EU Regulation
/// 561/2006, Article 7); at most nine hours in all. The vehicle is parked otherwise. Immutable.
/// </summary>
public sealed class DriverDay
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);
    private static readonly TimeSpan AtTheWheelBeforeBreak = TimeSpan.FromHours(4.5);
    private static readonly TimeSpan Break = TimeSpan.FromMinutes(45);

    private DriverDay(IReadOnlyList<Drive> drives) => Drives = drives;

    /// <summary>One or two, the second after the break.</summary>
    public IReadOnlyList<Drive> Drives { get; }

    /// <summary>Draws a day.</summary>
    /// <param name="nightShare">How likely it is a night.</param>
    public static DriverDay Draw(Random random, double nightShare)
    {
        var begin = random.NextDouble() < nightShare
            ? TimeSpan.FromHours(19 + (3 * random.NextDouble()))
            : TimeSpan.FromHours(6 + (3 * random.NextDouble()));
        var atTheWheel = TimeSpan.FromHours(Math.Clamp(8 + Poisson.Gaussian(random), 3, 9));
        var first = atTheWheel < AtTheWheelBeforeBreak ? atTheWheel : AtTheWheelBeforeBreak;
        var again = begin + first + Break;
        return atTheWheel > first
            ? new DriverDay([new Drive(begin, begin + first), new Drive(again, again + (atTheWheel - first))])
            : new DriverDay([new Drive(begin, begin + first)]);
    }

    /// <summary>Whether the vehicle is on the road.</summary>
    public bool IsDrivingAt(TimeSpan time)
    {
        var ofDay = OfDay(time);
        return Drives.Any(drive => (drive.Begin <= ofDay && ofDay < drive.End) || (drive.Begin <= ofDay + Day && ofDay + Day < drive.End));
    }

    /// <summary>When the ignition is switched next, later than <paramref name="time"/>.</summary>
    public TimeSpan NextChange(TimeSpan time)
    {
        var ofDay = OfDay(time);
        var next = Drives.SelectMany(drive => new[] { OfDay(drive.Begin), OfDay(drive.End) }).Min(change => change > ofDay ? change : change + Day);
        return time - ofDay + next;
    }

    private static TimeSpan OfDay(TimeSpan time) => TimeSpan.FromTicks(time.Ticks % Day.Ticks);
}
