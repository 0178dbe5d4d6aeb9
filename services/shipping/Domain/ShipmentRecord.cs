namespace Eventide.Shipping.Domain;

/// <summary>How far the shipment of an order has come.</summary>
public enum ShipmentState
{
    /// <summary>The carrier may have been asked; its answer is not written down yet.</summary>
    Intent,

    Booked,
    Rejected,

    /// <summary>Undone, or refused before it was done: nothing will be booked any more.</summary>
    Cancelled,
}

/// <summary>The shipment of one order.</summary>
public sealed record ShipmentRecord(string OrderId, ShipmentState State, string? TrackingNumber, string? Reason)
{
    public static string Key(string orderId) => $"shipment/{orderId}";
}
