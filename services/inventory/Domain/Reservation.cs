using Eventide.Contracts;

namespace Eventide.Inventory.Domain;

/// <summary>How far the reservation of an order has come. Releasing and later states also stand for a release that came first.</summary>
public enum ReservationState
{
    Reserving,
    Reserved,
    Rejected,
    Sold,
    Releasing,
    Released,
}

/// <summary>The reservation of one order; it names its lines, because a release has to find every SKU even after a crash in the middle.</summary>
public sealed record Reservation(string OrderId, ReservationState State, IReadOnlyList<OrderLine> Lines, string? Reason)
{
    public static string Key(string orderId) => $"reservation/{orderId}";
}
