using Eventide.Contracts;
using Eventide.Payment.Domain;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;

namespace Eventide.Payment.Messages;

/// <summary>Undoes a payment in whatever state it is; before any request it leaves a tombstone, so that a late request captures nothing.</summary>
internal sealed class RefundPayment(DocumentStore store, IPaymentProvider provider, IEventPublisher publisher, TimeProvider time) : IEventHandler<RefundRequested>
{
    public async Task HandleAsync(RefundRequested message, CancellationToken cancellationToken)
    {
        // The provider first: while a capture may be on its way, only the provider knows, and after this its key captures nothing.
        var amount = await provider.VoidAsync(PaymentRecord.ProviderKey(message.OrderId), cancellationToken);
        await store.UpdateAsync(
            await store.ReadAsync<PaymentRecord>(PaymentRecord.Key(message.OrderId), cancellationToken),
            current => PaymentRecord.Undo(current, message.OrderId, amount), cancellationToken, record => record.TimeToLive(notAfter: null, time.GetUtcNow()));
        await publisher.PublishAsync(new PaymentRefunded(message.OrderId, amount), cancellationToken);
    }
}
