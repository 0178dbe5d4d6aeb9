using Eventide.ServiceDefaults.State;

namespace Eventide.Payment.Domain;

/// <summary>The company that moves the money. Every call carries an idempotency key: the same key never moves money twice.</summary>
public interface IPaymentProvider
{
    /// <summary>Captures once per key; null when captured, else why it was declined.</summary>
    Task<string?> CaptureAsync(string key, decimal amount, string paymentToken, CancellationToken cancellationToken);

    /// <summary>Gives back what the key captured; after this the key captures nothing any more. Returns the amount given back.</summary>
    Task<decimal> VoidAsync(string key, CancellationToken cancellationToken);

    /// <summary>What has moved under the key; null when the provider was never asked.</summary>
    Task<PaymentStatement?> FindStatementAsync(string key, CancellationToken cancellationToken);
}

/// <summary>The provider's account of one key.</summary>
public sealed record PaymentStatement(decimal Captured, decimal Refunded);

/// <summary>
/// A provider for development: it declines the token "tok_declined" and keeps its ledger in documents of its own, so that it remembers across restarts as a
/// real one does.
/// </summary>
internal sealed class SimulatedPaymentProvider(DocumentStore store) : IPaymentProvider
{
    private const string DeclinedToken = "tok_declined";

    public async Task<string?> CaptureAsync(string key, decimal amount, string paymentToken, CancellationToken cancellationToken)
    {
        var entry = await store.UpdateAsync<LedgerEntry>(
            Key(key),
            current => current ?? (paymentToken == DeclinedToken ? new LedgerEntry(0, "the payment method was declined") : new LedgerEntry(amount, null)),
            cancellationToken);
        return entry.Declined;
    }

    public async Task<decimal> VoidAsync(string key, CancellationToken cancellationToken)
    {
        var entry = await store.UpdateAsync<LedgerEntry>(
            Key(key), current => current is { Voided: true } ? current : (current ?? new LedgerEntry(0, "voided")) with { Voided = true }, cancellationToken);
        return entry.Captured;
    }

    public async Task<PaymentStatement?> FindStatementAsync(string key, CancellationToken cancellationToken) =>
        await store.GetAsync<LedgerEntry>(Key(key), cancellationToken) is { } entry
            ? new PaymentStatement(entry.Captured, entry.Voided ? entry.Captured : 0)
            : null;

    private static string Key(string key) => $"provider/{key}";

    private sealed record LedgerEntry(decimal Captured, string? Declined, bool Voided = false);
}
