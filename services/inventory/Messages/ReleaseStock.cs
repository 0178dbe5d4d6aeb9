using Eventide.Contracts;
using Eventide.Inventory.Domain;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;

namespace Eventide.Inventory.Messages;

/// <summary>Undoes the reservation of an order in whatever state it is; before any reservation it leaves a tombstone.</summary>
internal sealed class ReleaseStock(DocumentStore store, StockLevels stock, IEventPublisher publisher, TimeProvider time) : IEventHandler<StockReleaseRequested>
{
    public async Task HandleAsync(StockReleaseRequested message, CancellationToken cancellationToken)
    {
        if (message.Lines is null)
        {
            throw new UnprocessableMessageException("a release names the lines of the order");
        }

        var deadline = new HandlerDeadline(time);
        var key = Reservation.Key(message.OrderId);
        var reservation = await store.UpdateAsync<Reservation>(key, current => Reservation.BeginRelease(current, message), cancellationToken);
        if (reservation.State == ReservationState.Releasing)
        {
            // The SKU of every line, reserved or not: a reservation that is under way meets the mark.
            var levels = await stock.ChangeAllAsync(reservation.Lines, level => level.Release(message.OrderId, deadline.Now()), cancellationToken);
            var seen = await store.ReadAsync<Reservation>(key, cancellationToken);
            reservation = await store.UpdateAsync(
                seen, current => current!.Release(levels), cancellationToken, released => released.TimeToLive(time.GetUtcNow()));
        }

        await publisher.PublishAsync(new StockReleased(message.OrderId, reservation.ReleasedLevels!), cancellationToken);
    }
}
