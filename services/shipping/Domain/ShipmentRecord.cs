using Eventide.Contracts;

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

/// <summary>
/// The shipment of one order. What was answered is answered again, so a booking that was cancelled later is still a booking. Pure: every change returns a new value,
/// or the same instance when nothing changes.
/// </summary>
/// <param name="TrackingNumber">Null when nothing was booked, or when it is not known yet.</param>
/// <param name="Reason">Why nothing was booked.</param>
/// <param name="AnsweredAt">When the carrier's answer was written down; null before, and when there was none.</param>
public sealed record ShipmentRecord(string OrderId, ShipmentState State, string? TrackingNumber, string? Reason, DateTimeOffset? AnsweredAt = null)
{
    public static string Key(string orderId) => $"shipment/{orderId}";

    /// <summary>What the carrier knows the shipment by.</summary>
    public static string CarrierKey(string orderId) => $"{orderId}/shipment";

    /// <summary>A shipment that the carrier is about to be asked for.</summary>
    public static ShipmentRecord Intend(string orderId) => new(orderId, ShipmentState.Intent, null, null);

    /// <summary>Writes down the carrier's answer, unless the shipment was undone meanwhile.</summary>
    public ShipmentRecord Answer(string? trackingNumber, string? refusal, DateTimeOffset now) => State == ShipmentState.Intent
        ? this with { State = trackingNumber is null ? ShipmentState.Rejected : ShipmentState.Booked, TrackingNumber = trackingNumber, Reason = refusal, AnsweredAt = now }
        : this;

    /// <summary>Writes down that the carrier has cancelled and books nothing any more.</summary>
    /// <param name="record">Null when the undo came before the request.</param>
    public static ShipmentRecord Undo(ShipmentRecord? record, string orderId) => record switch
    {
        null => new ShipmentRecord(orderId, ShipmentState.Cancelled, null, "cancelled before it was requested"),
        { State: ShipmentState.Cancelled } => record,
        { State: ShipmentState.Booked } => record with { State = ShipmentState.Cancelled },
        _ => record with { State = ShipmentState.Cancelled, Reason = record.Reason ?? "cancelled before it was booked" },
    };

    /// <summary>How long the record is kept: an intent and a booking for ever, a refusal and an undo longer than their request can come again.</summary>
    /// <param name="notAfter">The end of the request; null when it is not at hand.</param>
    public TimeSpan? TimeToLive(DateTimeOffset? notAfter, DateTimeOffset now) =>
        State is ShipmentState.Intent or ShipmentState.Booked ? null : RequestLifetime.OfRefusal(notAfter, now);
}
