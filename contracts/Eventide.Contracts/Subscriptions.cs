namespace Eventide.Contracts;

/// <summary>One consumer group of one topic, and the event types that it acts on; others it acknowledges unread.</summary>
public sealed record Subscription(string App, string Topic, IReadOnlyList<string> Types)
{
    /// <summary>Where its messages go that cannot be handled.</summary>
    public string DeadLetterTopic => Topics.DeadLetter(App, Topic);
}

/// <summary>
/// Who listens to what. A message that nobody of this table has handled, refused or dead-lettered is unexplained; the services' own registrations are compared
/// with it by a test.
/// </summary>
public static class Subscriptions
{
    /// <summary>Every subscription except those of <see cref="Observer"/>.</summary>
    public static IReadOnlyList<Subscription> All { get; } =
    [
        new("inventory", Topics.Orders, [OrderCreated.Type]),
        new("inventory", Topics.StockRequests, [StockSaleRequested.Type, StockReleaseRequested.Type]),
        new("payment", Topics.PaymentRequests, [PaymentRequested.Type, RefundRequested.Type]),
        new("shipping", Topics.ShippingRequests, [ShipmentRequested.Type, ShipmentCancelRequested.Type]),
        new("ordering", Topics.Inventory, [StockReserved.Type, StockRejected.Type, StockSold.Type, StockReleased.Type]),
        new("ordering", Topics.Payments, [PaymentCaptured.Type, PaymentDeclined.Type, PaymentRefunded.Type]),
        new("ordering", Topics.Shipments, [ShipmentBooked.Type, ShipmentRejected.Type, ShipmentCancelled.Type]),
        new("catalog", Topics.Inventory, [StockReserved.Type, StockRejected.Type, StockReleased.Type]),
        new("basket", Topics.Orders, [OrderCreated.Type]),
        new("notification", Topics.Orders, [OrderCreated.Type, OrderConfirmed.Type, OrderCancelled.Type]),
        new("notification", Topics.Shipments, [ShipmentBooked.Type]),
        new("fleet", Topics.Telemetry, [ReadingsReceived.Type]),
    ];

    /// <summary>The apps whose sidecar speaks gRPC to them: they are called by gRPC proxying, never by HTTP.</summary>
    public static IReadOnlySet<string> GrpcApps { get; } = new HashSet<string>(StringComparer.Ordinal) { "inventory" };

    /// <summary>The app that listens to every topic and to every dead-letter topic.</summary>
    public const string Observer = "operations";

    /// <summary>Every topic that carries events of orders.</summary>
    public static IReadOnlyList<string> ObservedTopics { get; } =
    [
        Topics.Orders, Topics.OrderProgress, Topics.Inventory, Topics.Payments, Topics.Shipments, Topics.StockRequests, Topics.PaymentRequests,
        Topics.ShippingRequests,
    ];
}
