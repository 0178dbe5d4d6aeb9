using Eventide.Contracts;
using Eventide.Payment.Domain;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;

namespace Eventide.Payment.Messages;

/// <summary>
/// Captures once per order. The intent is written before the provider is asked, so that an undo which comes in between knows that it has to ask the provider
/// too.
/// </summary>
internal sealed class CapturePayment(DocumentStore store, IPaymentProvider provider, IEventPublisher publisher, TimeProvider time)
    : IEventHandler<PaymentRequested>
{
    private const string TooLate = "the request came too late";

    public async Task HandleAsync(PaymentRequested message, CancellationToken cancellationToken)
    {
        var isLate = time.GetUtcNow() > message.NotAfter;
        var intended = PaymentRecord.Intend(message.OrderId, message.Amount);
        var record = await UpdateAsync(
            Document<PaymentRecord>.Absent(PaymentRecord.Key(message.OrderId)), current => current ?? (isLate ? intended.Answer(TooLate, time.GetUtcNow()) : intended),
            message, cancellationToken);
        if (record.State == PaymentState.Intent)
        {
            var declined = await AskProviderAsync(message, isLate, cancellationToken);
            record = await UpdateAsync(
                await store.ReadAsync<PaymentRecord>(PaymentRecord.Key(message.OrderId), cancellationToken), current => (current ?? intended).Answer(declined, time.GetUtcNow()),
                message, cancellationToken);
        }

        await (record.WasCaptured
            ? publisher.PublishAsync(new PaymentCaptured(message.OrderId, record.Amount), cancellationToken, record.AnsweredAt)
            : publisher.PublishAsync(new PaymentDeclined(message.OrderId, record.Reason ?? "the payment was cancelled"), cancellationToken, record.AnsweredAt));
    }

    /// <summary>Null when captured. A request that is too late begins nothing, and takes back what an earlier attempt may have begun.</summary>
    private async Task<string?> AskProviderAsync(PaymentRequested message, bool isLate, CancellationToken cancellationToken)
    {
        var key = PaymentRecord.ProviderKey(message.OrderId);
        if (!isLate)
        {
            return await provider.CaptureAsync(key, message.Amount, message.PaymentToken, cancellationToken);
        }

        await provider.VoidAsync(key, cancellationToken);
        return TooLate;
    }

    private Task<PaymentRecord> UpdateAsync(
        Document<PaymentRecord> seen, Func<PaymentRecord?, PaymentRecord> change, PaymentRequested message, CancellationToken cancellationToken) =>
        store.UpdateAsync(seen, change, cancellationToken, record => record.TimeToLive(message.NotAfter, time.GetUtcNow()));
}
