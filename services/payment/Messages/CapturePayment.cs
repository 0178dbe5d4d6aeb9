using Eventide.Contracts;
using Eventide.Payment.Domain;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;

namespace Eventide.Payment.Messages;

/// <summary>
/// Captures once per order. The intent is written before the provider is asked, so that an undo which comes in between knows that it has to ask the provider
/// too.
/// </summary>
internal sealed class CapturePayment(DocumentStore store, IPaymentProvider provider, EventPublisher publisher, TimeProvider time)
    : IEventHandler<PaymentRequested>
{
    public async Task HandleAsync(PaymentRequested message, CancellationToken cancellationToken)
    {
        var record = await store.UpdateAsync<PaymentRecord>(
            PaymentRecord.Key(message.OrderId),
            current => current ?? (time.GetUtcNow() > message.NotAfter
                ? new PaymentRecord(message.OrderId, PaymentState.Declined, 0, "the request came too late")
                : new PaymentRecord(message.OrderId, PaymentState.Intent, message.Amount, null)),
            cancellationToken);
        if (record.State == PaymentState.Intent)
        {
            var declined = await provider.CaptureAsync(PaymentRecord.ProviderKey(message.OrderId), message.Amount, message.PaymentToken, cancellationToken);
            record = await store.UpdateAsync<PaymentRecord>(
                PaymentRecord.Key(message.OrderId),
                current => current is { State: PaymentState.Intent }
                    ? current with { State = declined is null ? PaymentState.Captured : PaymentState.Declined, Reason = declined }
                    : current!,
                cancellationToken);
        }

        await (record.WasCaptured
            ? publisher.PublishAsync(new PaymentCaptured(message.OrderId, record.Amount), cancellationToken)
            : publisher.PublishAsync(new PaymentDeclined(message.OrderId, record.Reason ?? "the payment was cancelled"), cancellationToken));
    }
}
