using Eventide.Contracts;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;
using Eventide.Shipping.Domain;

namespace Eventide.Shipping.Messages;

/// <summary>Undoes a booking in whatever state it is; before any request it leaves a tombstone.</summary>
internal sealed class CancelShipment(DocumentStore store, ICarrier carrier, EventPublisher publisher) : IEventHandler<ShipmentCancelRequested>
{
    public async Task HandleAsync(ShipmentCancelRequested message, CancellationToken cancellationToken)
    {
        await carrier.CancelAsync($"{message.OrderId}/shipment", cancellationToken);
        await store.UpdateAsync<ShipmentRecord>(
            ShipmentRecord.Key(message.OrderId),
            current => current is { State: ShipmentState.Cancelled }
                ? current
                : (current ?? new ShipmentRecord(message.OrderId, ShipmentState.Intent, null, null)) with { State = ShipmentState.Cancelled },
            cancellationToken);
        await publisher.PublishAsync(new ShipmentCancelled(message.OrderId), cancellationToken);
    }
}
