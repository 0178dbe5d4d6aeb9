namespace Eventide.Shipping;

/// <summary>How the carrier for development behaves; section "Shipping" of the configuration.</summary>
public sealed class ShippingOptions
{
    /// <summary>How long it takes to book, as a real one does that is far away. By default it books at once.</summary>
    public TimeSpan CarrierLatency { get; set; }
}
