using Eventide.Contracts;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;
using Eventide.Shipping.Domain;

namespace Eventide.Shipping.Messages;

/// <summary>Books once per order; the intent is written before the carrier is asked.</summary>
internal sealed class BookShipment(DocumentStore store, ICarrier carrier, EventPublisher publisher, TimeProvider time) : IEventHandler<ShipmentRequested>
{
    public async Task HandleAsync(ShipmentRequested message, CancellationToken cancellationToken)
    {
        var record = await store.UpdateAsync<ShipmentRecord>(
            ShipmentRecord.Key(message.OrderId),
            current => current ?? (time.GetUtcNow() > message.NotAfter
                ? new ShipmentRecord(message.OrderId, ShipmentState.Rejected, null, "the request came too late")
                : new ShipmentRecord(message.OrderId, ShipmentState.Intent, null, null)),
            cancellationToken);
        if (record.State == ShipmentState.Intent)
        {
            var (booked, refusal) = await carrier.BookAsync($"{message.OrderId}/shipment", message.Country, cancellationToken);
            record = await store.UpdateAsync<ShipmentRecord>(
                ShipmentRecord.Key(message.OrderId),
                current => current is { State: ShipmentState.Intent }
                    ? current with { State = booked is null ? ShipmentState.Rejected : ShipmentState.Booked, TrackingNumber = booked, Reason = refusal }
                    : current!,
                cancellationToken);
        }

        // What was answered is answered again: a booking that was cancelled later is still a booking.
        await (record.TrackingNumber is { } number
            ? publisher.PublishAsync(new ShipmentBooked(message.OrderId, number), cancellationToken)
            : publisher.PublishAsync(new ShipmentRejected(message.OrderId, record.Reason ?? "the shipment was cancelled"), cancellationToken));
    }
}
