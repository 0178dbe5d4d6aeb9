using Eventide.Contracts;
using Eventide.Inventory.Domain;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;

namespace Eventide.Inventory.Messages;

/// <summary>Reserves every line of an order or none, once, in the order of the SKUs.</summary>
internal sealed class ReserveStock(DocumentStore store, StockLevels stock, IEventPublisher publisher, TimeProvider time) : IEventHandler<OrderCreated>
{
    public async Task HandleAsync(OrderCreated message, CancellationToken cancellationToken)
    {
        if (message.Lines is not { Count: > 0 } || message.Lines.Any(line => line.Quantity <= 0))
        {
            throw new UnprocessableMessageException("an order has lines, and each has a quantity above 0");
        }

        var deadline = new HandlerDeadline(time);
        var key = Reservation.Key(message.OrderId);
        var reservation = await store.UpdateAsync(
            Document<Reservation>.Absent(key), current => current ?? Reservation.Begin(message, time.GetUtcNow()), cancellationToken, Lifetime);
        if (reservation.State == ReservationState.Reserving)
        {
            var (levels, refusal) = await ReserveLinesAsync(reservation, deadline, cancellationToken);
            reservation = await store.UpdateAsync<Reservation>(
                key, current => refusal is null ? current!.Reserve(levels, time.GetUtcNow()) : current!.BeginReject(refusal), cancellationToken);
        }

        if (reservation.State == ReservationState.Rejecting)
        {
            var levels = await stock.ChangeAllAsync(reservation.Lines, level => level.Release(message.OrderId, deadline.Now()), cancellationToken);
            var seen = await store.ReadAsync<Reservation>(key, cancellationToken);
            reservation = await store.UpdateAsync(seen, current => current!.Reject(levels, time.GetUtcNow()), cancellationToken, Lifetime);
        }

        await (reservation.WasReserved
            ? publisher.PublishAsync(new StockReserved(message.OrderId, reservation.Levels!), cancellationToken, reservation.AnsweredAt)
            : publisher.PublishAsync(new StockRejected(message.OrderId, reservation.RefusalReason, reservation.Levels ?? []), cancellationToken, reservation.AnsweredAt));
    }

    private TimeSpan? Lifetime(Reservation reservation) => reservation.TimeToLive(time.GetUtcNow());

    private async Task<(IReadOnlyList<StockAvailable> Levels, string? Refusal)> ReserveLinesAsync(
        Reservation reservation, HandlerDeadline deadline, CancellationToken cancellationToken)
    {
        var levels = new List<StockAvailable>();
        foreach (var line in reservation.Lines)
        {
            var level = await stock.ChangeAsync(
                line.Sku, current => current.Reserve(reservation.OrderId, line.Quantity, deadline.Now()), cancellationToken);
            if (!level.IsReservedFor(reservation.OrderId))
            {
                return ([], $"{line.Sku} is out of stock");
            }

            levels.Add(level.ToAvailable());
        }

        return (levels, null);
    }
}
