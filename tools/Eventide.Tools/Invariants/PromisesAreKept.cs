using Eventide.Tools.Demo;
using Eventide.Tools.Evidence;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Invariants;

/// <summary>What the customer was promised: an order that nothing speaks against is confirmed, one that cannot be fulfilled is not, and an accepted cancellation is honoured.</summary>
internal sealed class PromisesAreKept : IInvariant
{
    public string Name => "promise";

    public IEnumerable<Violation> Check(ShopEvidence evidence) =>
        from order in evidence.Orders
        where order.Order is { IsTerminal: true }
        let expected = order.Driven.CancelAccepted ? OrderView.Cancelled : order.Driven.Plan.Kind.ExpectedEnd()
        where expected is not null && expected != order.Order!.State
        select new Violation(
            order.Id, Name, $"{expected}, because {(order.Driven.CancelAccepted ? "its cancellation was accepted" : order.Driven.Plan.Kind.Description())}",
            $"{order.Order!.State}{(order.Order.Reason is { } reason ? $" ({reason})" : "")}");
}
