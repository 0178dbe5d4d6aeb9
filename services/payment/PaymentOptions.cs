namespace Eventide.Payment;

/// <summary>How the payment provider for development behaves; section "Payment" of the configuration.</summary>
public sealed class PaymentOptions
{
    /// <summary>How long it takes to answer, as a real one does that is far away. By default it answers at once.</summary>
    public TimeSpan ProviderLatency { get; set; }
}
