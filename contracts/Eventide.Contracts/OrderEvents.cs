namespace Eventide.Contracts;

/// <summary>One product of an order at the price of the server.</summary>
public sealed record OrderLine(string Sku, int Quantity, decimal UnitPrice);

/// <summary>An order was accepted: the fact that starts everything else, and the request to reserve its stock.</summary>
public sealed record OrderCreated(
    string OrderId, string CustomerId, IReadOnlyList<OrderLine> Lines, decimal Total, int OrderVersion, DateTimeOffset NotAfter) : IEvent, IExpiringRequest
{
    public static string Type => "eventide.ordering.order-created.v1";

    public static string Topic => Topics.Orders;
}

/// <summary>Paid, shipped and sold.</summary>
public sealed record OrderConfirmed(string OrderId, string CustomerId, int OrderVersion) : IEvent
{
    public static string Type => "eventide.ordering.order-confirmed.v1";

    public static string Topic => Topics.Orders;
}

/// <summary>Ended without a sale; everything that had been done is undone.</summary>
public sealed record OrderCancelled(string OrderId, string CustomerId, string Reason, int OrderVersion) : IEvent
{
    public static string Type => "eventide.ordering.order-cancelled.v1";

    public static string Topic => Topics.Orders;
}
