using Eventide.Contracts;
using Eventide.Payment.Domain;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;

namespace Eventide.Payment.Messages;

/// <summary>Undoes a payment in whatever state it is; before any request it leaves a tombstone, so that a late request captures nothing.</summary>
internal sealed class RefundPayment(DocumentStore store, IPaymentProvider provider, EventPublisher publisher) : IEventHandler<RefundRequested>
{
    public async Task HandleAsync(RefundRequested message, CancellationToken cancellationToken)
    {
        // The provider first: while a capture may be on its way, only the provider knows, and after this its key captures nothing.
        var amount = await provider.VoidAsync(PaymentRecord.ProviderKey(message.OrderId), cancellationToken);
        await store.UpdateAsync<PaymentRecord>(
            PaymentRecord.Key(message.OrderId),
            current => current switch
            {
                { State: PaymentState.Refunded } => current,
                null => new PaymentRecord(message.OrderId, PaymentState.Refunded, 0, "refunded before it was requested"),
                { State: PaymentState.Intent } => current with { State = PaymentState.Refunded, Amount = amount, Reason = "refunded before it was captured" },
                _ => current with { State = PaymentState.Refunded, Amount = amount },
            },
            cancellationToken);
        await publisher.PublishAsync(new PaymentRefunded(message.OrderId, amount), cancellationToken);
    }
}
