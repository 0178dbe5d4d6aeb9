using Eventide.Tools.Evidence;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Invariants;

/// <summary>I4: a cancelled order has everything undone, once; a confirmed one has everything done.</summary>
internal sealed class CancelledIsUndone : IInvariant
{
    public string Name => "I4";

    public IEnumerable<Violation> Check(ShopEvidence evidence)
    {
        foreach (var order in evidence.Orders.Where(order => order.Order is { IsTerminal: true }))
        {
            var cancelled = order.Order!.State == OrderView.Cancelled;
            var records = new (string Name, string? State, string[] Allowed)[]
            {
                ("reservation", order.Reservation?.State, cancelled ? ["none", "Rejected", "Released"] : ["Sold"]),
                ("payment", order.Payment?.State, cancelled ? ["none", "Declined", "Refunded"] : ["Captured"]),
                ("shipment", order.Shipment?.State, cancelled ? ["none", "Rejected", "Cancelled"] : ["Booked"]),
            };
            foreach (var (name, state, allowed) in records.Where(record => !record.Allowed.Contains(record.State ?? "none")))
            {
                yield return new Violation(order.Id, Name, $"{name} {string.Join(" or ", allowed)} for a {order.Order.State.ToLowerInvariant()} order", state ?? "none");
            }

            if (order.Payment?.Provider is { } statement && statement.Refunded > statement.Captured)
            {
                yield return new Violation(order.Id, Name, $"at most {statement.Captured:0.00} refunded", $"{statement.Refunded:0.00}");
            }
        }
    }
}
