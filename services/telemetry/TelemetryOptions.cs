namespace Eventide.Telemetry;

/// <summary>What vehicles may do; section "Telemetry" of the configuration.</summary>
public sealed class TelemetryOptions
{
    /// <summary>A port for gRPC (HTTP/2 in clear text) beside APP_PORT; null: vehicles speak HTTP only.</summary>
    public int? GrpcPort { get; set; }

    /// <summary>Readings of one vehicle per second on average; more are refused with 429. A device on the road sends one in 30 seconds.</summary>
    public int ReadingsPerSecond { get; set; } = 10;

    /// <summary>Readings of one vehicle at once, such as those that it kept while it had no connection.</summary>
    public int Burst { get; set; } = 600;

    /// <summary>The most readings in one request.</summary>
    public int LargestBatch { get; set; } = 1000;

    /// <summary>A reading from further ahead than this, by our clock, is accepted and its device named in the answer.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>A reading that is older than this is refused: nobody would believe what follows from it.</summary>
    public TimeSpan OldestReading { get; set; } = TimeSpan.FromDays(7);
}
