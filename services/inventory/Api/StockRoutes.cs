using Eventide.Inventory.Domain;
using Eventide.ServiceDefaults.Problems;
using Eventide.ServiceDefaults.State;

namespace Eventide.Inventory.Api;

/// <summary>GET /stock, GET /stock/{sku}, GET /reservations/{orderId}: what <see cref="StockService"/> answers, for a host whose sidecar speaks HTTP to it.</summary>
internal static class StockRoutes
{
    public static void MapStock(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/stock", async (StockLevels stock, CancellationToken token) =>
            Results.Ok((await stock.ListAsync(token)).OrderBy(level => level.Sku, StringComparer.Ordinal).Select(StockView.Of)));
        routes.MapGet("/stock/{sku}", async (string sku, StockLevels stock, CancellationToken token) =>
            await stock.FindAsync(sku, token) is { } level ? Results.Ok(StockView.Of(level)) : Problem.NotFound($"There is no SKU {sku}."));
        routes.MapGet("/reservations/{orderId}", async (string orderId, DocumentStore store, CancellationToken token) =>
            await store.GetAsync<Reservation>(Reservation.Key(orderId), token) is { } found
                ? Results.Ok(new ReservationView(found.OrderId, found.State, found.Lines, found.Refusal))
                : Problem.NotFound($"Order {orderId} has no reservation."));
    }

    private sealed record StockView(string Sku, int Initial, int Available, int Reserved, int Sold, int Version)
    {
        public static StockView Of(StockLevel level) => new(level.Sku, level.Initial, level.Available, level.Reserved, level.Sold, level.Version);
    }

    private sealed record ReservationView(string OrderId, ReservationState State, IReadOnlyList<Contracts.OrderLine> Lines, string? Refusal);
}
