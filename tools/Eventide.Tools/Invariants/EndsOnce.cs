using Eventide.Contracts;
using Eventide.Tools.Evidence;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Invariants;

/// <summary>I1: every accepted order reaches exactly one of Confirmed and Cancelled.</summary>
internal sealed class EndsOnce : IInvariant
{
    public string Name => "I1";

    public IEnumerable<Violation> Check(ShopEvidence evidence)
    {
        foreach (var order in evidence.Orders)
        {
            if (order.Order is not { IsTerminal: true })
            {
                yield return new Violation(order.Id, Name, "Confirmed or Cancelled", order.Order?.State ?? "no order of that id");
            }

            var ends = order.Driven.Sightings.Select(sighting => sighting.State).Append(order.Order?.State)
                .Concat(order.Events.Select(entry => entry.Type == OrderConfirmed.Type ? OrderView.Confirmed : entry.Type == OrderCancelled.Type ? OrderView.Cancelled : null))
                .Where(state => state is OrderView.Confirmed or OrderView.Cancelled).Distinct().ToList();
            if (ends.Count > 1)
            {
                yield return new Violation(order.Id, Name, "one end", string.Join(" and ", ends));
            }
        }
    }
}
