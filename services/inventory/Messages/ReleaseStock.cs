using Eventide.Contracts;
using Eventide.Inventory.Domain;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;

namespace Eventide.Inventory.Messages;

/// <summary>Undoes the reservation of an order in whatever state it is; before any reservation it leaves a tombstone.</summary>
internal sealed class ReleaseStock(DocumentStore store, StockLevels stock, EventPublisher publisher, TimeProvider time) : IEventHandler<StockReleaseRequested>
{
    public async Task HandleAsync(StockReleaseRequested message, CancellationToken cancellationToken)
    {
        var reservation = await store.UpdateAsync<Reservation>(
            Reservation.Key(message.OrderId),
            current => current switch
            {
                null => new Reservation(message.OrderId, ReservationState.Releasing, message.Lines, null),
                { State: ReservationState.Sold } => throw new InvalidOperationException($"Order {message.OrderId} is sold and cannot be released."),
                { State: ReservationState.Released or ReservationState.Releasing } => current,
                _ => current with { State = ReservationState.Releasing },
            },
            cancellationToken);
        if (reservation.State == ReservationState.Releasing)
        {
            foreach (var line in reservation.Lines)
            {
                await stock.ChangeAsync(line.Sku, current => current.Release(message.OrderId, time.GetUtcNow()), cancellationToken);
            }

            await store.UpdateAsync<Reservation>(
                Reservation.Key(message.OrderId), current => current! with { State = ReservationState.Released }, cancellationToken);
        }

        await publisher.PublishAsync(new StockReleased(message.OrderId, []), cancellationToken);
    }
}
