using Eventide.Contracts;
using Eventide.Inventory.Domain;
using Eventide.Ordering.Domain;
using Eventide.Payment.Domain;
using Eventide.Saga.Tests.Faults;
using Eventide.Shipping.Domain;

namespace Eventide.Saga.Tests.Checks;

/// <summary>What must be true of an order at rest, whatever happened to it.</summary>
internal static class OrderInvariants
{
    private static readonly Dictionary<string, string> Refusals = new()
    {
        [StockRejected.Type] = StockReserved.Type,
        [PaymentDeclined.Type] = PaymentCaptured.Type,
        [ShipmentRejected.Type] = ShipmentBooked.Type,
    };

    public static void Check(Evidence evidence, IReadOnlyList<RecordedEvent> events, IReadOnlyList<string> attempts)
    {
        var order = evidence.Order!;
        EndsOnce(order, events);
        MoneyIsRight(order, evidence);
        EverythingIsDoneOrUndone(order, evidence);
        StepsComeInOrder(attempts);
        EveryChangeHasItsEvent(order, events);
    }

    /// <summary>I8: a replay makes nothing known that was not. Only a request that had got lost on its way is answered for the first time now: with a refusal.</summary>
    public static void CheckReplay(IReadOnlyList<RecordedEvent> before, IReadOnlyList<RecordedEvent> after)
    {
        var known = before.Select(published => published.Type).ToHashSet();
        foreach (var news in after.Select(published => published.Type).Distinct().Where(type => !known.Contains(type)))
        {
            Assert.True(Refusals.TryGetValue(news, out var success), $"I8: the replay made {news} known");
            Assert.False(known.Contains(success), $"I8: {news} came after {success}");
        }
    }

    /// <summary>I1, I6.</summary>
    private static void EndsOnce(Order order, IReadOnlyList<RecordedEvent> events)
    {
        Assert.True(order.IsTerminal, $"I1: the order is {order.State}");
        var ends = events.Where(published => published.Type == OrderConfirmed.Type || published.Type == OrderCancelled.Type).Select(published => published.Type).Distinct();
        Assert.Equal([order.State == OrderState.Confirmed ? OrderConfirmed.Type : OrderCancelled.Type], ends);
    }

    /// <summary>I2: what the provider has moved.</summary>
    private static void MoneyIsRight(Order order, Evidence evidence)
    {
        var kept = evidence.Money is { } money ? money.Captured - money.Refunded : 0;
        Assert.Equal(order.State == OrderState.Confirmed ? order.Total : 0, kept);
        Assert.True((evidence.Money?.Captured ?? 0) <= order.Total, "I2: more was captured than the total");
    }

    /// <summary>I4, and its counterpart for a confirmed order.</summary>
    private static void EverythingIsDoneOrUndone(Order order, Evidence evidence)
    {
        if (order.State == OrderState.Confirmed)
        {
            Assert.Equal(
                (ReservationState.Sold, PaymentState.Captured, ShipmentState.Booked),
                (evidence.Reservation?.State, evidence.Payment?.State, evidence.Shipment?.State));
            return;
        }

        Assert.True(evidence.Reservation is null or { State: ReservationState.Rejected or ReservationState.Released }, $"I4: the stock is {evidence.Reservation?.State}");
        Assert.True(evidence.Payment is null or { State: PaymentState.Declined or PaymentState.Refunded }, $"I4: the payment is {evidence.Payment?.State}");
        Assert.True(evidence.Shipment is null or { State: ShipmentState.Rejected or ShipmentState.Cancelled }, $"I4: the shipment is {evidence.Shipment?.State}");
    }

    /// <summary>I5.</summary>
    private static void StepsComeInOrder(IReadOnlyList<string> attempts)
    {
        var types = attempts.ToList();
        Assert.True(Before(types, StockReserved.Type, PaymentCaptured.Type), "I5: a payment without an earlier reservation");
        Assert.True(Before(types, PaymentCaptured.Type, ShipmentBooked.Type), "I5: a shipment without an earlier payment");
    }

    /// <summary>I7: the facts have the versions 1, 2, 3 … of the order, and what is said twice is the same.</summary>
    private static void EveryChangeHasItsEvent(Order order, IReadOnlyList<RecordedEvent> events)
    {
        var facts = events.Where(published => published.Version is not null).DistinctBy(published => published.Id).ToList();
        Assert.Equal(Enumerable.Range(Order.FirstVersion, order.Version), facts.Select(fact => fact.Version!.Value).Order());
        Assert.All(facts, fact => Assert.Equal(OrderIds.Fact(order.Id, fact.Version!.Value), fact.Id));
        foreach (var same in events.GroupBy(published => published.Id))
        {
            Assert.Single(same.Select(published => (published.Type, published.Json)).Distinct());
        }

        foreach (var (step, verdict) in order.Verdicts.Where(verdict => verdict.Key != SagaStep.End))
        {
            var fact = Assert.Single(facts, fact => fact.Version == verdict.Version);
            Assert.Contains($"\"Step\":\"{step}\"", fact.Json);
        }
    }

    private static bool Before(List<string> types, string first, string second) =>
        !types.Contains(second) || (types.IndexOf(first) is >= 0 and var index && index < types.IndexOf(second));
}
