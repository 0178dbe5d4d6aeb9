using Eventide.Contracts;
using Eventide.Inventory.Domain;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;

namespace Eventide.Inventory.Messages;

/// <summary>Turns the reservation of an order into a sale. One that meets no reservation, or one in another state, is delivered again: a sale is never lost.</summary>
internal sealed class SellStock(DocumentStore store, StockLevels stock, IEventPublisher publisher, TimeProvider time) : IEventHandler<StockSaleRequested>
{
    public async Task HandleAsync(StockSaleRequested message, CancellationToken cancellationToken)
    {
        var deadline = new HandlerDeadline(time);
        var seen = await store.ReadAsync<Reservation>(Reservation.Key(message.OrderId), cancellationToken);
        var reservation = seen.Value ?? throw new InvalidOperationException($"Order {message.OrderId} has no reservation to sell.");
        if (reservation.State == ReservationState.Reserved)
        {
            await stock.ChangeAllAsync(reservation.Lines, level => level.Sell(message.OrderId, deadline.Now()), cancellationToken);
            reservation = await store.UpdateAsync(seen, current => current!.Sell(), cancellationToken);
        }

        if (reservation.State != ReservationState.Sold)
        {
            throw new InvalidOperationException($"Order {message.OrderId} is {reservation.State}; only a reserved order can be sold.");
        }

        await publisher.PublishAsync(new StockSold(message.OrderId), cancellationToken);
    }
}
