namespace Eventide.Basket;

/// <summary>How long carts are kept.</summary>
public sealed class BasketOptions
{
    /// <summary>A cart that has not been changed for this time is gone. The default is 7 days.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromDays(7);
}
