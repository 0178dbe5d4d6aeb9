using Eventide.Contracts;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;
using Eventide.Shipping.Domain;

namespace Eventide.Shipping.Messages;

/// <summary>Undoes a booking in whatever state it is; before any request it leaves a tombstone, so that a late request books nothing.</summary>
internal sealed class CancelShipment(DocumentStore store, ICarrier carrier, IEventPublisher publisher, TimeProvider time) : IEventHandler<ShipmentCancelRequested>
{
    public async Task HandleAsync(ShipmentCancelRequested message, CancellationToken cancellationToken)
    {
        // The carrier first: while a booking may be on its way, only the carrier knows, and after this its key books nothing.
        await carrier.CancelAsync(ShipmentRecord.CarrierKey(message.OrderId), cancellationToken);
        await store.UpdateAsync(
            await store.ReadAsync<ShipmentRecord>(ShipmentRecord.Key(message.OrderId), cancellationToken),
            current => ShipmentRecord.Undo(current, message.OrderId), cancellationToken, record => record.TimeToLive(notAfter: null, time.GetUtcNow()));
        await publisher.PublishAsync(new ShipmentCancelled(message.OrderId), cancellationToken);
    }
}
