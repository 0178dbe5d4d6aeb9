using Eventide.Contracts;
using Microsoft.Extensions.Options;

namespace Eventide.Telemetry.Domain;

/// <summary>What a reading must be. Thread-safe.</summary>
internal sealed class ReadingRules(IOptions<TelemetryOptions> options, TimeProvider time)
{
    private const int LongestVehicleId = 64;
    private const double FastestVehicle = 300;
    private const double LongestWay = 5_000_000;

    /// <summary>The vehicle's id may be a part of keys and event ids.</summary>
    public static bool IsVehicleId(string? id) =>
        id is { Length: > 0 and <= LongestVehicleId } && id.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');

    /// <summary>The first fault, or null.</summary>
    public (string Field, string Message)? FaultOf(VehicleReading reading)
    {
        var now = time.GetUtcNow();
        return reading switch
        {
            { Unreadable: { } fault } => fault,
            _ when !IsVehicleId(reading.VehicleId) => ("vehicleId", "Name the vehicle: 1 to 64 letters, digits, - or _."),
            { Sequence: null or < 1 } => ("sequence", "Count the readings of the device from 1."),
            { At: null } => ("at", "Say when it was read, such as 2026-01-31T08:30:00Z."),
            _ when reading.At < now - options.Value.OldestReading => ("at", $"It is older than {options.Value.OldestReading.TotalDays:0} days; nobody would act on it."),
            { Latitude: not (>= -90 and <= 90) } => ("latitude", "From -90 to 90 degrees."),
            { Longitude: not (>= -180 and <= 180) } => ("longitude", "From -180 to 180 degrees."),
            { Speed: not (>= 0 and <= FastestVehicle) } => ("speed", $"From 0 to {FastestVehicle} km/h."),
            { Odometer: not (>= 0 and <= LongestWay) } => ("odometer", $"From 0 to {LongestWay} km."),
            { Ignition: null } => ("ignition", "Say whether the ignition is on: true or false."),
            { Trip: null or < 0 } => ("trip", "Count the times that the ignition was switched on, from 0."),
            _ => null,
        };
    }

    /// <summary>Whether the device's clock is ahead of ours by more than is usual.</summary>
    public bool IsSkewed(VehicleReading reading) => reading.At > time.GetUtcNow() + options.Value.ClockSkew;

    /// <summary>A reading without fault.</summary>
    public static Reading Checked(VehicleReading reading) => new(
        reading.Sequence!.Value, reading.At!.Value, reading.Latitude!.Value, reading.Longitude!.Value, reading.Speed!.Value, reading.Odometer!.Value,
        reading.Ignition!.Value, reading.Trip!.Value);
}
