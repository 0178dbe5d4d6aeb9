using Eventide.Contracts;
using Eventide.Tools.Evidence;

namespace Eventide.Tools.Invariants;

/// <summary>
/// I10: every published message is handled by every app that subscribes to it, or is a dead letter of that app, or was refused because it came after its time. The
/// evidence is the app's own record of that order and step, so no broker has to be asked.
/// </summary>
internal sealed class NothingUnexplained : IInvariant
{
    public string Name => "I10";

    public IEnumerable<Violation> Check(ShopEvidence evidence)
    {
        // Of an app that hosts several services, a dead letter is one of each of them.
        var dead = evidence.DeadLetters.SelectMany(letter => ServicesOf(letter.App).Select(app => (App: app, letter.EventId))).ToHashSet();
        return
            from order in evidence.Orders
            from message in Messages(order)
            from subscription in Subscriptions.All
            where subscription.Topic == message.Topic && subscription.Types.Contains(message.Type) && evidence.Apps.Contains(subscription.App)
            where !IsHandled(subscription.App, message.Type, order) && !dead.Contains((subscription.App, message.Id)) && !IsExpired(order, message.Id, evidence.At)
            select new Violation(order.Id, Name, $"{subscription.App} to have handled {message.Id}, or a dead letter", "neither");
    }

    private static IEnumerable<string> ServicesOf(string app) => app == ShopShape.MonolithId ? ShopShape.Monolith.HostedTogether : [app];

    private static IEnumerable<ExpectedEvent> Messages(OrderEvidence order) =>
        order.Events.Select(entry => new ExpectedEvent(entry.Id, entry.Type, entry.Topic)).Concat(ExpectedEvents.Of(order)).DistinctBy(message => message.Id);

    private static bool IsExpired(OrderEvidence order, string eventId, DateTimeOffset at) => order.Events.Any(entry => entry.Id == eventId && entry.NotAfter < at);

    private static bool IsHandled(string app, string type, OrderEvidence order) => app switch
    {
        "inventory" => order.Reservation is { } reservation && (type != StockSaleRequested.Type || reservation.State == "Sold")
            && (type != StockReleaseRequested.Type || reservation.State == "Released"),
        "payment" => order.Payment is { State: not "Intent" } payment && (type != RefundRequested.Type || payment.State == "Refunded"),
        "shipping" => order.Shipment is { State: not "Intent" } shipment && (type != ShipmentCancelRequested.Type || shipment.State == "Cancelled"),
        "ordering" => order.Order is { } document && (document.IsTerminal || document.Steps.ContainsKey(StepOf(type))),
        "notification" => order.Notices.Any(notice => notice.Name == ExpectedEvents.NameOf(type)),

        "basket" => order.Cart is null or { Items.Count: 0 },

        // These keep no record per order: their read models are compared as a whole.
        _ => true,
    };

    private static string StepOf(string type) =>
        type == StockReserved.Type || type == StockRejected.Type ? Steps.Stock
        : type == PaymentCaptured.Type || type == PaymentDeclined.Type ? Steps.Payment
        : type == ShipmentBooked.Type || type == ShipmentRejected.Type ? Steps.Shipment
        : type == StockSold.Type ? Steps.Sale
        : type == ShipmentCancelled.Type ? Steps.ShipmentUndo
        : type == PaymentRefunded.Type ? Steps.PaymentUndo
        : Steps.StockUndo;
}
