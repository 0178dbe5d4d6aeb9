namespace Eventide.Contracts;

/// <summary>Facts go to a topic per aggregate, requests to a topic per participant, so that a backlog tells which participant is slow.</summary>
public static class Topics
{
    /// <summary>The pub/sub component that carries them all.</summary>
    public const string PubSub = "pubsub";

    public const string Orders = "orders";
    public const string OrderProgress = "order-progress";
    public const string Inventory = "inventory";
    public const string Payments = "payments";
    public const string Shipments = "shipments";
    public const string StockRequests = "stock-requests";
    public const string PaymentRequests = "payment-requests";
    public const string ShippingRequests = "shipping-requests";
    public const string Telemetry = "telemetry";
    public const string FleetAlerts = "fleet-alerts";

    /// <summary>Where messages of <paramref name="topic"/> go that <paramref name="app"/> cannot handle.</summary>
    public static string DeadLetter(string app, string topic) => $"{app}.{topic}.dead";
}
