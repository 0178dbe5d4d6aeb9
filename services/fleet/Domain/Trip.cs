using Eventide.Contracts;

namespace Eventide.Fleet.Domain;

/// <summary>
/// From ignition on to ignition off. Every part is a smallest or a largest of what came, so readings may come in any order and more than once. Immutable.
/// </summary>
/// <param name="Number">As the device counts.</param>
/// <param name="EndedAt">Null while no reading with the ignition off has come.</param>
/// <param name="SpeedingAt">The first time that it was faster than allowed, among the readings that have come.</param>
internal sealed record Trip(
    int Number, DateTimeOffset StartedAt, DateTimeOffset LastAt, DateTimeOffset? EndedAt, double StartOdometer, double EndOdometer, double TopSpeed,
    DateTimeOffset? SpeedingAt)
{
    /// <summary>In km.</summary>
    public double Distance => EndOdometer - StartOdometer;

    public static Trip Of(Reading reading, double speedLimit) => new(
        reading.Trip, reading.At, reading.At, reading.Ignition ? null : reading.At, reading.Odometer, reading.Odometer, reading.Speed,
        reading.Speed > speedLimit ? reading.At : null);

    public Trip With(Reading reading, double speedLimit) => this with
    {
        StartedAt = Earlier(StartedAt, reading.At),
        LastAt = Later(LastAt, reading.At),
        EndedAt = reading.Ignition ? EndedAt : Earlier(EndedAt ?? reading.At, reading.At),
        StartOdometer = Math.Min(StartOdometer, reading.Odometer),
        EndOdometer = Math.Max(EndOdometer, reading.Odometer),
        TopSpeed = Math.Max(TopSpeed, reading.Speed),
        SpeedingAt = reading.Speed > speedLimit ? Earlier(SpeedingAt ?? reading.At, reading.At) : SpeedingAt,
    };

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
