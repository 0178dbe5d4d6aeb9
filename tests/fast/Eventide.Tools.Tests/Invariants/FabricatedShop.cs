using System.Text.Json;
using Eventide.Contracts;
using Eventide.Tools.Demo;
using Eventide.Tools.Evidence;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Tests.Invariants;

/// <summary>Evidence in which every invariant holds: one confirmed order, one whose payment was declined, and the stock that fits. Tests spoil it in one place.</summary>
internal static class FabricatedShop
{
    public const string Sku = "SKU-001";
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly OrderLine[] Lines = [new(Sku, 2, 10m)];

    public static ShopEvidence Sound() => new(
        new HashSet<string> { "ordering", "inventory", "payment", "shipping", "notification", "operations", "catalog", "basket" }, [Confirmed(), Declined()], [new StockView(Sku, 100, 95, 0, 5, 9)],
        [new StockView(Sku, 100, 93, 0, 7, 12)], [new ProductView(Sku, 93)], [], Start.AddMinutes(1));

    public static OrderEvidence Confirmed()
    {
        var order = Driven("o-confirmed", OrderKind.Plain, new("New", 1), new("Started", 3));
        return Complete(new OrderEvidence(
            order, View(order, OrderView.Confirmed, 6, null, (Steps.Stock, Steps.Done), (Steps.Payment, Steps.Done), (Steps.Shipment, Steps.Done), (Steps.Sale, Steps.Done), (Steps.End, Steps.Done)),
            new ReservationView(order.Id, "Sold"), new PaymentView(order.Id, "Captured", 20m, null, new StatementView(20m, 0m)),
            new ShipmentView(order.Id, "Booked", "EV1", null), Notices(order, "order-created", "shipment-booked", "order-confirmed"), new CartView([]), null));
    }

    public static OrderEvidence Declined()
    {
        var order = Driven("o-declined", OrderKind.Declined);
        return Complete(new OrderEvidence(
            order, View(order, OrderView.Cancelled, 6, "declined", (Steps.Stock, Steps.Done), (Steps.Payment, "declined"), (Steps.PaymentUndo, Steps.Done), (Steps.StockUndo, Steps.Done), (Steps.End, "cancelled")),
            new ReservationView(order.Id, "Released"), new PaymentView(order.Id, "Refunded", 0m, "declined", new StatementView(0m, 0m)), null,
            Notices(order, "order-created", "order-cancelled"), null, null));
    }

    /// <summary>The same shop with its first order changed.</summary>
    public static ShopEvidence WithConfirmed(Func<OrderEvidence, OrderEvidence> change)
    {
        var shop = Sound();
        return shop with { Orders = [change(shop.Orders[0]), shop.Orders[1]] };
    }

    /// <summary>The same shop with its second order changed.</summary>
    public static ShopEvidence WithCancelled(Func<OrderEvidence, OrderEvidence> change)
    {
        var shop = Sound();
        return shop with { Orders = [shop.Orders[0], change(shop.Orders[1])] };
    }

    /// <summary>The same shop with the stock of its SKU changed.</summary>
    public static ShopEvidence WithStock(Func<StockView, StockView> change)
    {
        var shop = Sound();
        return shop with { Stock = [change(shop.Stock[0])] };
    }

    public static OrderEvidence WithEvents(this OrderEvidence order, Func<IReadOnlyList<EventView>, IEnumerable<EventView>> change) =>
        order with { Timeline = order.Timeline! with { Events = [.. change(order.Events)] } };

    public static OrderEvidence WithSteps(this OrderEvidence order, params (string Step, string Verdict)[] steps) =>
        order with { Order = order.Order! with { Steps = steps.ToDictionary(step => step.Step, step => step.Verdict) } };

    public static EventView Event(string id, string type, string topic, int? version = null, DateTimeOffset? time = null, object? data = null) =>
        new(id, type, topic, "test", time ?? Start, version, JsonSerializer.SerializeToElement(data ?? new { }));

    private static DrivenOrder Driven(string id, OrderKind kind, params Sighting[] sightings)
    {
        var driven = new DrivenOrder(new PlannedOrder(kind, "ada", id, new PlaceOrder([new(Sku, 2)], "tok_visa", "DE"), kind == OrderKind.Plain, TimeSpan.Zero), id, 20m);
        foreach (var sighting in sightings)
        {
            driven.See(View(driven, sighting.State, sighting.Version, null));
        }

        return driven;
    }

    private static OrderView View(DrivenOrder order, string state, int version, string? reason, params (string Step, string Verdict)[] steps) =>
        new(order.Id, state, 20m, reason, version, Lines, steps.ToDictionary(step => step.Step, step => step.Verdict));

    private static NoticeView[] Notices(DrivenOrder order, params string[] names) => [.. names.Select(name => new NoticeView(name, order.Id, "ada"))];

    /// <summary>Adds the timeline that fits, one event per second.</summary>
    private static OrderEvidence Complete(OrderEvidence order)
    {
        var sequence = new[]
        {
            OrderCreated.Type, StockReserved.Type, PaymentRequested.Type, PaymentCaptured.Type, ShipmentRequested.Type, ShipmentBooked.Type, StockSaleRequested.Type, StockSold.Type,
        };
        var events = ExpectedEvents.Of(order).Select(expected => Event(
            expected.Id, expected.Type, expected.Topic,
            expected.Id.Contains(".v", StringComparison.Ordinal) ? int.Parse(expected.Id.Split(".v")[1]) : null, Start.AddSeconds(Array.IndexOf(sequence, expected.Type))));
        return order with { Timeline = new TimelineView(order.Order!.State, order.Order.Version, [], [.. events]) };
    }
}
