using Eventide.Contracts;

namespace Eventide.Tools.Evidence;

/// <summary>An event that must have been published.</summary>
internal sealed record ExpectedEvent(string Id, string Type, string Topic);

/// <summary>
/// What must have been published about an order, from the state of the services alone: event ids follow from the order and its version, so no broker has to be asked.
/// </summary>
internal static class ExpectedEvents
{
    public static IEnumerable<ExpectedEvent> Of(OrderEvidence evidence)
    {
        if (evidence.Order is not { } order)
        {
            yield break;
        }

        for (var version = 1; version <= order.Version; version++)
        {
            yield return version == 1 ? Fact<OrderCreated>(order.Id, version)
                : version < order.Version || !order.IsTerminal ? Fact<OrderProgressed>(order.Id, version)
                : order.State == Shops.OrderView.Confirmed ? Fact<OrderConfirmed>(order.Id, version)
                : Fact<OrderCancelled>(order.Id, version);
        }

        foreach (var expected in Exchanges(evidence).SelectMany(exchange => exchange.Done ? exchange.Events : []))
        {
            yield return expected;
        }

        if (evidence.Payment is { State: "Declined" })
        {
            yield return Of<PaymentDeclined>(order.Id);
        }

        if (evidence.Shipment is { State: "Rejected" })
        {
            yield return Of<ShipmentRejected>(order.Id);
        }

        if (evidence.Reservation is { State: "Rejected" })
        {
            yield return Of<StockRejected>(order.Id);
        }
    }

    /// <summary>The id of the one request or reply of this type that an order can cause.</summary>
    public static string IdOf(string orderId, string type) => $"{orderId}.{NameOf(type)}";

    /// <summary>The name within a type, such as order-created.</summary>
    public static string NameOf(string type) => type.Split('.')[^2];

    // A step that was done was asked for and answered; one that was not may have been cancelled before anybody was asked.
    private static IEnumerable<(bool Done, ExpectedEvent[] Events)> Exchanges(OrderEvidence evidence)
    {
        var id = evidence.Id;
        bool Done(string step) => evidence.Verdict(step) == Steps.Done;
        yield return (Done(Steps.Stock), [Of<StockReserved>(id)]);
        yield return (Done(Steps.Payment), [Of<PaymentRequested>(id), Of<PaymentCaptured>(id)]);
        yield return (Done(Steps.Shipment), [Of<ShipmentRequested>(id), Of<ShipmentBooked>(id)]);
        yield return (Done(Steps.Sale), [Of<StockSaleRequested>(id), Of<StockSold>(id)]);
        yield return (Done(Steps.ShipmentUndo), [Of<ShipmentCancelRequested>(id), Of<ShipmentCancelled>(id)]);
        yield return (Done(Steps.PaymentUndo), [Of<RefundRequested>(id), Of<PaymentRefunded>(id)]);
        yield return (Done(Steps.StockUndo), [Of<StockReleaseRequested>(id), Of<StockReleased>(id)]);
    }

    private static ExpectedEvent Of<TEvent>(string orderId) where TEvent : IOrderEvent => new(OrderIds.Event<TEvent>(orderId), TEvent.Type, TEvent.Topic);

    private static ExpectedEvent Fact<TEvent>(string orderId, int version) where TEvent : IOrderFact => new(OrderIds.Fact(orderId, version), TEvent.Type, TEvent.Topic);
}
