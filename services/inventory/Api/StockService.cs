using Eventide.Contracts.Grpc;
using Eventide.Inventory.Domain;
using Eventide.ServiceDefaults.State;
using Grpc.Core;

namespace Eventide.Inventory.Api;

/// <summary>The answers to who asks what is in stock.</summary>
internal sealed class StockService(StockLevels stock, DocumentStore store) : Stock.StockBase
{
    /// <inheritdoc/>
    public override async Task<ListStockResponse> ListStock(ListStockRequest request, ServerCallContext context)
    {
        var levels = await stock.ListAsync(context.CancellationToken);
        return new ListStockResponse { Levels = { levels.OrderBy(level => level.Sku, StringComparer.Ordinal).Select(Shown) } };
    }

    /// <inheritdoc/>
    public override async Task<Contracts.Grpc.StockLevel> GetStock(GetStockRequest request, ServerCallContext context) =>
        Shown(await stock.FindAsync(request.Sku, context.CancellationToken) ?? throw NotFound($"There is no SKU {request.Sku}."));

    /// <inheritdoc/>
    public override async Task<Contracts.Grpc.Reservation> GetReservation(GetReservationRequest request, ServerCallContext context)
    {
        var found = await store.GetAsync<Domain.Reservation>(Domain.Reservation.Key(request.OrderId), context.CancellationToken)
            ?? throw NotFound($"Order {request.OrderId} has no reservation.");
        return new Contracts.Grpc.Reservation
        {
            OrderId = found.OrderId,
            State = Shown(found.State),
            Lines = { found.Lines.Select(line => new ReservationLine { Sku = line.Sku, Quantity = line.Quantity }) },
            Refusal = found.Refusal ?? "",
        };
    }

    private static Contracts.Grpc.StockLevel Shown(Domain.StockLevel level) => new()
    {
        Sku = level.Sku,
        Initial = level.Initial,
        Available = level.Available,
        Reserved = level.Reserved,
        Sold = level.Sold,
        Version = level.Version,
    };

    private static Contracts.Grpc.ReservationState Shown(Domain.ReservationState state) => state switch
    {
        Domain.ReservationState.Reserving => Contracts.Grpc.ReservationState.Reserving,
        Domain.ReservationState.Reserved => Contracts.Grpc.ReservationState.Reserved,
        Domain.ReservationState.Rejecting => Contracts.Grpc.ReservationState.Rejecting,
        Domain.ReservationState.Rejected => Contracts.Grpc.ReservationState.Rejected,
        Domain.ReservationState.Releasing => Contracts.Grpc.ReservationState.Releasing,
        Domain.ReservationState.Released => Contracts.Grpc.ReservationState.Released,
        Domain.ReservationState.Sold => Contracts.Grpc.ReservationState.Sold,
        _ => Contracts.Grpc.ReservationState.Unspecified,
    };

    private static RpcException NotFound(string message) => new(new Status(StatusCode.NotFound, message));
}
