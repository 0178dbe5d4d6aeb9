namespace Eventide.Fleet;

/// <summary>When something about a vehicle is worth an alert; section "Fleet" of the configuration.</summary>
public sealed class FleetOptions
{
    /// <summary>Faster than this is speeding, in km/h.</summary>
    public double SpeedLimit { get; set; } = 130;

    /// <summary>How long a vehicle on the road may say nothing: three of its readings.</summary>
    public TimeSpan SilenceOnTheRoad { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>How long a parked vehicle may say nothing: three of its readings.</summary>
    public TimeSpan SilenceParked { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How often the vehicles are looked through for silent ones.</summary>
    public TimeSpan SilenceCheck { get; set; } = TimeSpan.FromSeconds(30);
}
