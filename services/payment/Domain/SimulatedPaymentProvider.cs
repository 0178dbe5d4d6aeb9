using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.Options;

namespace Eventide.Payment.Domain;

/// <summary>
/// A provider for development: it declines the token "tok_declined" and keeps its ledger in documents of its own, so that it remembers across restarts as a
/// real one does. It takes any key, but not none, and as much time as the options say.
/// </summary>
internal sealed class SimulatedPaymentProvider(DocumentStore store, ProviderKey account, IOptions<PaymentOptions> options, TimeProvider time) : IPaymentProvider
{
    private const string DeclinedToken = "tok_declined";

    public async Task<string?> CaptureAsync(string key, decimal amount, string paymentToken, CancellationToken cancellationToken)
    {
        await AnswerAsync(cancellationToken);
        var entry = await store.AddAsync(
            Key(key), paymentToken == DeclinedToken ? new LedgerEntry(0, "the payment method was declined") : new LedgerEntry(amount, null), cancellationToken);
        return entry.Voided ? "the payment was cancelled" : entry.Declined;
    }

    public async Task<decimal> VoidAsync(string key, CancellationToken cancellationToken)
    {
        await AnswerAsync(cancellationToken);
        var entry = await store.UpdateAsync<LedgerEntry>(
            Key(key), current => current is { Voided: true } ? current : (current ?? new LedgerEntry(0, null)) with { Voided = true }, cancellationToken);
        return entry.Captured;
    }

    public async Task<PaymentStatement?> FindStatementAsync(string key, CancellationToken cancellationToken) =>
        await store.GetAsync<LedgerEntry>(Key(key), cancellationToken) is { } entry
            ? new PaymentStatement(entry.Captured, entry.Voided ? entry.Captured : 0)
            : null;

    private async Task AnswerAsync(CancellationToken cancellationToken)
    {
        await account.GetAsync(cancellationToken);
        if (options.Value.ProviderLatency > TimeSpan.Zero)
        {
            await Task.Delay(options.Value.ProviderLatency, time, cancellationToken);
        }
    }

    private static string Key(string key) => $"provider/{key}";

    private sealed record LedgerEntry(decimal Captured, string? Declined, bool Voided = false);
}
