using Eventide.Contracts;
using Eventide.Inventory.Domain;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;

namespace Eventide.Inventory.Messages;

/// <summary>Reserves every line of an order or none, once, in SKU order.</summary>
internal sealed class ReserveStock(DocumentStore store, StockLevels stock, EventPublisher publisher, TimeProvider time) : IEventHandler<OrderCreated>
{
    // A handler that was stalled for longer stops: by then the order may have been released or sold, and its marks may be gone.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public async Task HandleAsync(OrderCreated message, CancellationToken cancellationToken)
    {
        var started = time.GetUtcNow();
        var reservation = await store.UpdateAsync<Reservation>(
            Reservation.Key(message.OrderId),
            current => current ?? (started > message.NotAfter
                ? new Reservation(message.OrderId, ReservationState.Rejected, message.Lines, "the request came too late")
                : new Reservation(message.OrderId, ReservationState.Reserving, message.Lines, null)),
            cancellationToken);
        if (reservation.State == ReservationState.Reserving)
        {
            var missing = await ReserveLinesAsync(message, started, cancellationToken);
            reservation = await store.UpdateAsync<Reservation>(
                Reservation.Key(message.OrderId),
                current => current is { State: ReservationState.Reserving }
                    ? current with { State = missing is null ? ReservationState.Reserved : ReservationState.Rejected, Reason = missing }
                    : current!,
                cancellationToken);
        }

        await (reservation.State is ReservationState.Reserved or ReservationState.Sold
            ? publisher.PublishAsync(new StockReserved(message.OrderId, []), cancellationToken)
            : publisher.PublishAsync(new StockRejected(message.OrderId, reservation.Reason ?? "the order was cancelled", []), cancellationToken));
    }

    private async Task<string?> ReserveLinesAsync(OrderCreated message, DateTimeOffset started, CancellationToken cancellationToken)
    {
        foreach (var line in message.Lines.OrderBy(line => line.Sku, StringComparer.Ordinal))
        {
            var level = await stock.ChangeAsync(line.Sku, current => current.Reserve(message.OrderId, line.Quantity, Checked(started)), cancellationToken);
            if (level.Marks.GetValueOrDefault(message.OrderId) is { State: MarkState.Reserved })
            {
                continue;
            }

            foreach (var undone in message.Lines)
            {
                await stock.ChangeAsync(undone.Sku, current => current.Release(message.OrderId, Checked(started)), cancellationToken);
            }

            return $"{line.Sku} is out of stock";
        }

        return null;
    }

    private DateTimeOffset Checked(DateTimeOffset started)
    {
        var now = time.GetUtcNow();
        return now - started < Deadline ? now : throw new TimeoutException($"Reserving took longer than {Deadline.TotalSeconds} s; it begins again.");
    }
}
