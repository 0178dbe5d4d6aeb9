namespace Eventide.Shipping.Domain;

/// <summary>The company that carries parcels. Every call carries an idempotency key: the same key never books twice.</summary>
public interface ICarrier
{
    /// <summary>Books once per key; the tracking number, or null with the reason of a refusal.</summary>
    Task<(string? TrackingNumber, string? Refusal)> BookAsync(string key, string country, CancellationToken cancellationToken);

    /// <summary>Cancels what the key booked; after this the key books nothing any more, also when it has booked nothing yet.</summary>
    Task CancelAsync(string key, CancellationToken cancellationToken);
}
