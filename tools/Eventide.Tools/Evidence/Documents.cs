using System.Text.Json;
using Eventide.Contracts;

namespace Eventide.Tools.Evidence;

/// <summary>Inventory's record of an order.</summary>
internal sealed record ReservationView(string OrderId, string State);

/// <summary>Inventory's record of a SKU.</summary>
internal sealed record StockView(string Sku, int Initial, int Available, int Reserved, int Sold, int Version);

/// <summary>Payment's record of an order.</summary>
/// <param name="Provider">What the company that moves the money says; null when it was never asked.</param>
internal sealed record PaymentView(string OrderId, string State, decimal Amount, string? Reason, StatementView? Provider);

/// <summary>The provider's account of one order.</summary>
internal sealed record StatementView(decimal Captured, decimal Refunded);

/// <summary>Shipping's record of an order.</summary>
internal sealed record ShipmentView(string OrderId, string State, string? TrackingNumber, string? Reason);

/// <summary>What a customer was told.</summary>
internal sealed record NoticeView(string Name, string OrderId, string Recipient);

/// <summary>A customer's cart.</summary>
internal sealed record CartView(IReadOnlyList<CartItemView> Items);

/// <summary>A line of a cart.</summary>
internal sealed record CartItemView(string Sku, int Quantity);

/// <summary>A product as the catalog shows it.</summary>
internal sealed record ProductView(string Sku, int Available);

/// <summary>An event as the observer of all topics recorded it.</summary>
/// <param name="Time">When its publisher says that it happened.</param>
/// <param name="OrderVersion">Of facts about the order only.</param>
/// <param name="Data">What it says, without the means of payment.</param>
internal sealed record EventView(
    string Id, string Type, string Topic, string Source, DateTimeOffset? Time, int? OrderVersion, JsonElement Data)
{
    /// <summary>Until when a request may be carried out; null for events that do not expire.</summary>
    public DateTimeOffset? NotAfter =>
        Data.ValueKind == JsonValueKind.Object && Data.TryGetProperty("notAfter", out var text) && text.TryGetDateTimeOffset(out var limit) ? limit : null;
}

/// <summary>What the observer knows of an order: its events, and the state that they add up to.</summary>
internal sealed record TimelineView(string State, int LastVersion, IReadOnlyList<int> Gaps, IReadOnlyList<EventView> Events);

/// <summary>A message that an app could not handle.</summary>
internal sealed record DeadLetterView(string App, string Topic, string EventId, string? Reason);

/// <summary>Some of the dead letters.</summary>
/// <param name="Next">Where the next page begins; null when there is none.</param>
internal sealed record DeadLetterPage(IReadOnlyList<DeadLetterView> DeadLetters, string? Next);
