using Eventide.Contracts;
using Eventide.Inventory.Domain;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;

namespace Eventide.Inventory.Messages;

/// <summary>Turns the reservation of an order into a sale.</summary>
internal sealed class SellStock(DocumentStore store, StockLevels stock, EventPublisher publisher, TimeProvider time) : IEventHandler<StockSaleRequested>
{
    public async Task HandleAsync(StockSaleRequested message, CancellationToken cancellationToken)
    {
        var reservation = await store.GetAsync<Reservation>(Reservation.Key(message.OrderId), cancellationToken)
            ?? throw new InvalidOperationException($"Order {message.OrderId} has no reservation to sell.");
        if (reservation.State == ReservationState.Reserved)
        {
            foreach (var line in reservation.Lines)
            {
                await stock.ChangeAsync(line.Sku, current => current.Sell(message.OrderId, time.GetUtcNow()), cancellationToken);
            }

            reservation = await store.UpdateAsync<Reservation>(
                Reservation.Key(message.OrderId),
                current => current is { State: ReservationState.Reserved } ? current with { State = ReservationState.Sold } : current!,
                cancellationToken);
        }

        if (reservation.State != ReservationState.Sold)
        {
            throw new InvalidOperationException($"Order {message.OrderId} is {reservation.State}; only a reserved order can be sold.");
        }

        await publisher.PublishAsync(new StockSold(message.OrderId), cancellationToken);
    }
}
