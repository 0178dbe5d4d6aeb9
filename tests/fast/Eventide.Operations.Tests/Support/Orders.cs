using Eventide.Contracts;

namespace Eventide.Operations.Tests.Support;

/// <summary>What the saga publishes about orders.</summary>
internal static class Orders
{
    private static readonly DateTimeOffset NotAfter = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly IReadOnlyList<OrderLine> Lines = [new OrderLine("SKU-001", 2, 18.9m)];

    public static OrderCreated Created(string id) => new(id, "ada", Lines, 37.8m, 1, NotAfter);

    public static OrderProgressed Progressed(string id, string step, int version, string verdict = "done") => new(id, "ada", step, verdict, version);

    /// <summary>Every event of an order that ends well, in the order of the saga.</summary>
    public static IReadOnlyList<Func<Publisher, Task>> Confirmed(string id) =>
    [
        p => p.PublishAsync(Created(id)),
        p => p.PublishAsync(new StockReserved(id, []), OrderIds.Fact(id, 1)),
        p => p.PublishAsync(Progressed(id, "Stock", 2)),
        p => p.PublishAsync(new PaymentRequested(id, 37.8m, "tok_secret", NotAfter)),
        p => p.PublishAsync(new PaymentCaptured(id, 37.8m), OrderIds.Event<PaymentRequested>(id)),
        p => p.PublishAsync(Progressed(id, "Payment", 3)),
        p => p.PublishAsync(new ShipmentRequested(id, "AT", NotAfter)),
        p => p.PublishAsync(new ShipmentBooked(id, "T-1"), OrderIds.Event<ShipmentRequested>(id)),
        p => p.PublishAsync(Progressed(id, "Shipment", 4)),
        p => p.PublishAsync(new StockSaleRequested(id)),
        p => p.PublishAsync(new StockSold(id), OrderIds.Event<StockSaleRequested>(id)),
        p => p.PublishAsync(Progressed(id, "Sale", 5)),
        p => p.PublishAsync(new OrderConfirmed(id, "ada", 6)),
    ];
}
