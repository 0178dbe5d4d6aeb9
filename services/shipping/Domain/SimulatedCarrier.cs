using System.Security.Cryptography;
using System.Text;
using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.Options;

namespace Eventide.Shipping.Domain;

/// <summary>A carrier for development: it does not serve Antarctica (AQ), takes as much time as the options say and keeps its bookings in documents of its own.</summary>
internal sealed class SimulatedCarrier(DocumentStore store, IOptions<ShippingOptions> options, TimeProvider time) : ICarrier
{
    private const string NotServed = "AQ";
    private static readonly Booking Cancelled = new(null, "the shipment was cancelled", IsCancelled: true);

    public async Task<(string? TrackingNumber, string? Refusal)> BookAsync(string key, string country, CancellationToken cancellationToken)
    {
        if (options.Value.CarrierLatency > TimeSpan.Zero)
        {
            await Task.Delay(options.Value.CarrierLatency, time, cancellationToken);
        }

        var booking = await store.AddAsync(
            Key(key),
            country == NotServed
                ? new Booking(null, $"the carrier does not deliver to {country}")
                : new Booking("EV" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..12], null),
            cancellationToken);
        return (booking.TrackingNumber, booking.Refusal);
    }

    public Task CancelAsync(string key, CancellationToken cancellationToken) =>
        store.UpdateAsync<Booking>(Key(key), current => current is { IsCancelled: true } ? current : Cancelled, cancellationToken);

    private static string Key(string key) => $"carrier/{key}";

    private sealed record Booking(string? TrackingNumber, string? Refusal, bool IsCancelled = false);
}
