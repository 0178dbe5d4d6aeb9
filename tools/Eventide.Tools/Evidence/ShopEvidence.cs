using System.Text.Json;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Evidence;

/// <summary>Everything that the services say about one order.</summary>
/// <param name="Cart">What is left in the basket that the order came from; null when it came from none.</param>
/// <param name="Timeline">Null when operations knows nothing of the order.</param>
internal sealed record OrderEvidence(
    DrivenOrder Driven, OrderView? Order, ReservationView? Reservation, PaymentView? Payment, ShipmentView? Shipment, IReadOnlyList<NoticeView> Notices,
    CartView? Cart, TimelineView? Timeline)
{
    public string Id => Driven.Id;

    public IReadOnlyList<EventView> Events => Timeline?.Events ?? [];

    /// <summary>The verdict of a step; null when it was not decided.</summary>
    public string? Verdict(string step) => Order?.Steps.GetValueOrDefault(step);

    /// <summary>What the services keep of it, which a replayed message must leave as it is.</summary>
    public IReadOnlyDictionary<string, string> Parts() => new Dictionary<string, string>
    {
        ["order"] = JsonSerializer.Serialize(Order),
        ["reservation"] = JsonSerializer.Serialize(Reservation),
        ["payment"] = JsonSerializer.Serialize(Payment),
        ["shipment"] = JsonSerializer.Serialize(Shipment),
        ["cart"] = JsonSerializer.Serialize(Cart),
        ["notices"] = string.Join(", ", Notices.Select(notice => notice.Name).Order(StringComparer.Ordinal)),
    };
}

/// <summary>Everything that the services of a shop say.</summary>
/// <param name="Apps">The services that run.</param>
/// <param name="StockBefore">Before the first order was driven.</param>
/// <param name="Products">The catalog's view of the same SKUs; empty when there is no catalog.</param>
/// <param name="At">When it was gathered.</param>
internal sealed record ShopEvidence(
    IReadOnlySet<string> Apps, IReadOnlyList<OrderEvidence> Orders, IReadOnlyList<StockView> StockBefore, IReadOnlyList<StockView> Stock,
    IReadOnlyList<ProductView> Products, IReadOnlyList<DeadLetterView> DeadLetters, DateTimeOffset At)
{
    /// <summary>The evidence before every message was published again; null when that was not done.</summary>
    public ShopEvidence? BeforeReplay { get; init; }

    /// <summary>Two that are equal have the same evidence.</summary>
    public string Fingerprint() => JsonSerializer.Serialize(new { Orders = Orders.Select(order => new { Parts = order.Parts(), Events = order.Events.Select(entry => entry.Id).Order(StringComparer.Ordinal) }), Stock, Products, DeadLetters });
}
