namespace Eventide.Contracts;

/// <summary>What a vehicle says about itself at one moment.</summary>
/// <param name="Sequence">Counts every reading that the device makes, from 1; what was lost on the way leaves a gap.</param>
/// <param name="At">By the device's clock.</param>
/// <param name="Trip">Counts the times that the ignition was switched on.</param>
/// <param name="Odometer">In km, since the vehicle was built.</param>
/// <param name="Speed">In km/h.</param>
public sealed record Reading(long Sequence, DateTimeOffset At, double Latitude, double Longitude, double Speed, double Odometer, bool Ignition, int Trip);

/// <summary>Readings of one vehicle that came together, in the order in which they came.</summary>
/// <param name="ReceivedAt">By our clock.</param>
public sealed record ReadingsReceived(string VehicleId, DateTimeOffset ReceivedAt, IReadOnlyList<Reading> Readings) : IVehicleEvent
{
    public static string Type => "eventide.telemetry.readings-received.v1";

    public static string Topic => Topics.Telemetry;

    public string EventId => $"{VehicleId}.{Readings[0].Sequence}-{Readings[^1].Sequence}x{Readings.Count}";
}

/// <summary>The ignition was switched on.</summary>
public sealed record TripStarted(string VehicleId, int Trip, DateTimeOffset At) : IVehicleEvent
{
    public static string Type => "eventide.fleet.trip-started.v1";

    public static string Topic => Topics.FleetAlerts;

    public string EventId => $"{VehicleId}.trip-{Trip}.started";
}

/// <summary>The ignition was switched off.</summary>
public sealed record TripEnded(string VehicleId, int Trip, DateTimeOffset At) : IVehicleEvent
{
    public static string Type => "eventide.fleet.trip-ended.v1";

    public static string Topic => Topics.FleetAlerts;

    public string EventId => $"{VehicleId}.trip-{Trip}.ended";
}

/// <summary>Faster than allowed, for the first time in a trip.</summary>
/// <param name="Speed">In km/h.</param>
public sealed record SpeedingDetected(string VehicleId, int Trip, DateTimeOffset At, double Speed) : IVehicleEvent
{
    public static string Type => "eventide.fleet.speeding-detected.v1";

    public static string Topic => Topics.FleetAlerts;

    public string EventId => $"{VehicleId}.trip-{Trip}.speeding";
}

/// <summary>Nothing has come from the vehicle for longer than it may be silent.</summary>
/// <param name="LastSequence">The last reading that came.</param>
public sealed record VehicleSilent(string VehicleId, long LastSequence, DateTimeOffset LastReceivedAt) : IVehicleEvent
{
    public static string Type => "eventide.fleet.vehicle-silent.v1";

    public static string Topic => Topics.FleetAlerts;

    public string EventId => $"{VehicleId}.{LastSequence}.silent";
}
