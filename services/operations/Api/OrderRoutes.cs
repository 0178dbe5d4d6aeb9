using System.Text.Json;
using Eventide.Operations.Domain;
using Eventide.ServiceDefaults.Problems;
using Microsoft.Extensions.Options;

namespace Eventide.Operations.Api;

/// <summary>GET /orders, GET /orders/stuck, GET /orders/{id}/timeline.</summary>
internal static class OrderRoutes
{
    private const int OrdersPerFold = 40;
    private static readonly TimeSpan DefaultSpan = TimeSpan.FromDays(1);

    public static void MapOrders(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/orders", ListAsync);
        routes.MapGet("/orders/stuck", StuckAsync);
        routes.MapGet("/orders/{id}/timeline", TimelineAsync);
    }

    private static async Task<IResult> ListAsync(
        string? state, string? since, string? before, string? take, OrderList orders, Timelines timelines, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Query.TryChoose<OrderProgress>(state, out var wanted))
        {
            return Problem.Field("state", $"There is no state {state}; it is one of {Query.NamesOf<OrderProgress>()}.");
        }

        var from = time.GetUtcNow() - DefaultSpan;
        if (since is not null)
        {
            if (!TimeCursor.TryParse(since, out var start))
            {
                return Problem.Field("since", "since is a time such as 2026-01-31T12:00:00Z.");
            }

            from = start.At;
        }

        TimeCursor? place = null;
        if (before is not null)
        {
            if (!TimeCursor.TryParse(before, out var cursor))
            {
                return Problem.Field("before", "before is what an earlier answer gave as next, or a time.");
            }

            place = cursor;
        }

        if (Query.Take(take) is not { } size)
        {
            return Query.BadTake();
        }

        var page = new List<OrderView>(size);
        await foreach (var together in orders.ReadAsync(from, place, cancellationToken).Chunk(OrdersPerFold))
        {
            var received = together.ToDictionary(entry => entry.Id, entry => entry.At);
            await foreach (var order in timelines.FoldAsync(received.Keys, cancellationToken))
            {
                if (page.Count < size && (wanted is null || order.State == wanted))
                {
                    page.Add(OrderView.Of(order, received[order.OrderId]));
                }
            }

            if (page.Count == size)
            {
                break;
            }
        }

        var next = page.Count == size ? new TimeCursor(page[^1].ReceivedAt, page[^1].OrderId).ToString() : null;
        return Results.Ok(new OrderPage(page, next));
    }

    private static async Task<IResult> StuckAsync(
        OrderList orders, IOptions<OperationsOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var stuck = await orders.StuckAsync(time.GetUtcNow() - options.Value.StuckAfter, cancellationToken);
        return Results.Ok(new OrderPage([.. stuck.Select(entry => OrderView.Of(entry.Order, entry.ReceivedAt))], null));
    }

    private static async Task<IResult> TimelineAsync(string id, Timelines timelines, CancellationToken cancellationToken)
    {
        var events = await timelines.ReadAsync(id, cancellationToken);
        return events.Count == 0
            ? Problem.NotFound($"There is no event of order {id}; an order that was accepted a moment ago may not be known here yet.")
            : Results.Ok(new TimelineView(id, OrderReadModel.Fold(events), [.. events.Select(EventView.Of)]));
    }

    private sealed record OrderPage(IReadOnlyList<OrderView> Orders, string? Next);

    /// <summary>An order in a list.</summary>
    private sealed record OrderView(
        string OrderId, string? CustomerId, decimal? Total, string State, string? Step, string? Reason, int LastVersion, IReadOnlyList<int> Gaps,
        IReadOnlyDictionary<string, string> Verdicts, DateTimeOffset ReceivedAt)
    {
        public static OrderView Of(OrderReadModel order, DateTimeOffset receivedAt) => new(
            order.OrderId, order.CustomerId, order.Total, order.State.ToString(), order.Step, order.Reason, order.LastVersion, order.Gaps, order.Verdicts, receivedAt);
    }

    /// <summary>What happened to one order.</summary>
    private sealed record TimelineView(
        string OrderId, string? CustomerId, decimal? Total, string State, string? Step, string? Reason, int LastVersion, IReadOnlyList<int> Gaps,
        IReadOnlyDictionary<string, string> Verdicts, IReadOnlyList<EventView> Events)
    {
        public TimelineView(string orderId, OrderReadModel? order, IReadOnlyList<EventView> events) : this(
            orderId, order?.CustomerId, order?.Total, (order?.State ?? OrderProgress.InProgress).ToString(), order?.Step, order?.Reason, order?.LastVersion ?? 0,
            order?.Gaps ?? [], order?.Verdicts ?? new Dictionary<string, string>(), events)
        {
        }
    }
}

/// <summary>One event as it is shown.</summary>
internal sealed record EventView(
    string Id, string Type, string Topic, string OrderId, string Source, DateTimeOffset? Time, string? CausationId, int? OrderVersion, string? TraceId,
    DateTimeOffset ReceivedAt, JsonElement Data)
{
    public static EventView Of(TimelineEntry entry) => new(
        entry.Id, entry.Type, entry.Topic, entry.OrderId, entry.Source, entry.Time, entry.CausationId, entry.OrderVersion, entry.TraceId, entry.ReceivedAt, entry.Data);
}
