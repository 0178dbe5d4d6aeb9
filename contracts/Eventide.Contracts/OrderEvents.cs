namespace Eventide.Contracts;

/// <summary>One product of an order at the price of the server.</summary>
public sealed record OrderLine(string Sku, int Quantity, decimal UnitPrice);

/// <summary>An order was accepted: the fact that starts everything else, and the request to reserve its stock.</summary>
public sealed record OrderCreated(
    string OrderId, string CustomerId, IReadOnlyList<OrderLine> Lines, decimal Total, int OrderVersion, DateTimeOffset NotAfter) : IOrderFact, IExpiringRequest
{
    public static string Type => "eventide.ordering.order-created.v1";

    public static string Topic => Topics.Orders;
}

/// <summary>
/// A step of the saga was decided. It has a topic of its own, because only timelines read it and the participants behind <see cref="Topics.Orders"/> would be
/// woken for nothing.
/// </summary>
/// <param name="Step">Such as Payment or StockUndo.</param>
/// <param name="Verdict">"done", or why not.</param>
public sealed record OrderProgressed(string OrderId, string CustomerId, string Step, string Verdict, int OrderVersion) : IOrderFact
{
    public static string Type => "eventide.ordering.order-progressed.v1";

    public static string Topic => Topics.OrderProgress;
}

/// <summary>Paid, shipped and sold.</summary>
public sealed record OrderConfirmed(string OrderId, string CustomerId, int OrderVersion) : IOrderFact
{
    public static string Type => "eventide.ordering.order-confirmed.v1";

    public static string Topic => Topics.Orders;
}

/// <summary>Ended without a sale; everything that had been done is undone.</summary>
public sealed record OrderCancelled(string OrderId, string CustomerId, string Reason, int OrderVersion) : IOrderFact
{
    public static string Type => "eventide.ordering.order-cancelled.v1";

    public static string Topic => Topics.Orders;
}
