using Eventide.Contracts;
using Eventide.Tools.Evidence;

namespace Eventide.Tools.Invariants;

/// <summary>I5: no capture without an earlier reservation of that order, and no booking without an earlier capture.</summary>
internal sealed class StepsInOrder : IInvariant
{
    public string Name => "I5";

    public IEnumerable<Violation> Check(ShopEvidence evidence) => evidence.Orders.SelectMany(order => new[]
    {
        Earlier(order, StockReserved.Type, PaymentCaptured.Type), Earlier(order, PaymentCaptured.Type, ShipmentBooked.Type),
    }.OfType<Violation>());

    private Violation? Earlier(OrderEvidence order, string first, string second)
    {
        if (order.Events.Where(entry => entry.Type == second).Select(entry => entry.Time).Min() is not { } then)
        {
            return null;
        }

        return order.Events.Where(entry => entry.Type == first).Select(entry => entry.Time).Min() switch
        {
            null => new Violation(order.Id, Name, $"{first} before {second}", $"no {first}"),
            { } before when before > then => new Violation(order.Id, Name, $"{first} before {second}", $"{first} {(before - then).TotalMilliseconds:0} ms after it"),
            _ => null,
        };
    }
}
