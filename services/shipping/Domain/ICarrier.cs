using Eventide.ServiceDefaults.State;

namespace Eventide.Shipping.Domain;

/// <summary>The company that carries parcels. Every call carries an idempotency key: the same key never books twice.</summary>
public interface ICarrier
{
    /// <summary>Books once per key; the tracking number, or null with the reason of a refusal.</summary>
    Task<(string? TrackingNumber, string? Refusal)> BookAsync(string key, string country, CancellationToken cancellationToken);

    /// <summary>Cancels what the key booked; after this the key books nothing any more.</summary>
    Task CancelAsync(string key, CancellationToken cancellationToken);
}

/// <summary>A carrier for development: it does not serve Antarctica (AQ) and keeps its bookings in documents of its own.</summary>
internal sealed class SimulatedCarrier(DocumentStore store) : ICarrier
{
    private const string NotServed = "AQ";

    public async Task<(string? TrackingNumber, string? Refusal)> BookAsync(string key, string country, CancellationToken cancellationToken)
    {
        var booking = await store.UpdateAsync<Booking>(
            Key(key),
            current => current ?? (country == NotServed
                ? new Booking(null, $"the carrier does not deliver to {country}")
                : new Booking("EV" + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key)))[..12], null)),
            cancellationToken);
        return (booking.TrackingNumber, booking.Refusal);
    }

    public async Task CancelAsync(string key, CancellationToken cancellationToken) =>
        await store.UpdateAsync<Booking>(Key(key), _ => new Booking(null, "cancelled"), cancellationToken);

    private static string Key(string key) => $"carrier/{key}";

    private sealed record Booking(string? TrackingNumber, string? Refusal);
}
