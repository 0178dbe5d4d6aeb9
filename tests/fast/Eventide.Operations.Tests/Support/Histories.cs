using System.Text.Json;
using CsCheck;
using Eventide.Contracts;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Operations.Tests.Support;

/// <summary>Whatever can happen to an order: how far it comes, and in which order its undo is answered.</summary>
internal static class Histories
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Steps = ["Stock", "Payment", "Shipment"];

    /// <summary>The deliveries of one order in the order of the saga.</summary>
    public static IReadOnlyList<Delivery> Of(string id, int failingStep, bool moneyFirst)
    {
        var events = new List<Delivery> { Delivery(Orders.Created(id)) };
        var version = 1;
        foreach (var step in Steps[..Math.Min(failingStep + 1, Steps.Length)])
        {
            events.Add(step switch
            {
                "Stock" => Delivery(new StockReserved(id, [])),
                "Payment" => Delivery(new PaymentRequested(id, 37.8m, "tok", Start)),
                _ => Delivery(new ShipmentRequested(id, "AT", Start)),
            });
            events.Add(Delivery(Orders.Progressed(id, step, ++version, step == Steps.ElementAtOrDefault(failingStep) ? "refused" : "done")));
        }

        if (failingStep >= Steps.Length)
        {
            return [.. events, Delivery(new StockSold(id)), Delivery(Orders.Progressed(id, "Sale", ++version)), Delivery(new OrderConfirmed(id, "ada", ++version))];
        }

        string[] undo = failingStep == 0 ? ["StockUndo"] : moneyFirst ? ["PaymentUndo", "StockUndo"] : ["StockUndo", "PaymentUndo"];
        if (failingStep == 2)
        {
            undo = ["ShipmentUndo", .. undo];
        }

        events.AddRange(undo.Select(step => Delivery(Orders.Progressed(id, step, ++version))));
        return [.. events, Delivery(new OrderCancelled(id, "ada", "refused", ++version))];
    }

    /// <summary>The same deliveries each one to three times, shuffled.</summary>
    public static Gen<List<Delivery>> Shuffled(IReadOnlyList<Delivery> events) => Gen
        .Select(Gen.Int[1, 3].List[events.Count], Gen.Int.List[events.Count * 3])
        .Select((times, places) => events.SelectMany((entry, index) => Enumerable.Repeat(entry, times[index]))
            .Select((entry, index) => (entry, place: places[index])).OrderBy(e => e.place).Select(e => e.entry).ToList());

    private static Delivery Delivery<T>(T message) where T : IOrderEvent
    {
        var envelope = JsonSerializer.SerializeToElement(
            new { specversion = "1.0", id = OrderIds.Event(message), source = "test", type = T.Type, time = Start, data = message }, EventHandlingExtensions.Json);
        return ServiceDefaults.Messaging.Delivery.Of(T.Topic, envelope);
    }
}
