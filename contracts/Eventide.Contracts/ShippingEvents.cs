namespace Eventide.Contracts;

/// <summary>Book one shipment.</summary>
public sealed record ShipmentRequested(string OrderId, string Country, DateTimeOffset NotAfter) : IOrderEvent, IExpiringRequest
{
    public static string Type => "eventide.shipping.shipment-requested.v1";

    public static string Topic => Topics.ShippingRequests;
}

/// <summary>The carrier takes the order.</summary>
public sealed record ShipmentBooked(string OrderId, string TrackingNumber) : IOrderEvent
{
    public static string Type => "eventide.shipping.shipment-booked.v1";

    public static string Topic => Topics.Shipments;
}

/// <summary>No carrier takes the order.</summary>
public sealed record ShipmentRejected(string OrderId, string Reason) : IOrderEvent
{
    public static string Type => "eventide.shipping.shipment-rejected.v1";

    public static string Topic => Topics.Shipments;
}

/// <summary>Undo the booking, whether it exists or not.</summary>
public sealed record ShipmentCancelRequested(string OrderId) : IOrderEvent
{
    public static string Type => "eventide.shipping.shipment-cancel-requested.v1";

    public static string Topic => Topics.ShippingRequests;
}

/// <summary>Nothing is booked for the order, now and later.</summary>
public sealed record ShipmentCancelled(string OrderId) : IOrderEvent
{
    public static string Type => "eventide.shipping.shipment-cancelled.v1";

    public static string Topic => Topics.Shipments;
}
