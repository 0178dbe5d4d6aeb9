using Eventide.Tools.Evidence;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Invariants;

/// <summary>I6: an order makes only legal changes, its version only grows, and its end is final.</summary>
internal sealed class OnlyLegalChanges : IInvariant
{
    private static readonly string[] Forward = [Steps.Stock, Steps.Payment, Steps.Shipment];

    public string Name => "I6";

    public IEnumerable<Violation> Check(ShopEvidence evidence) => evidence.Orders.SelectMany(order => Seen(order).Concat(Decided(order)));

    private IEnumerable<Violation> Seen(OrderEvidence order)
    {
        var sightings = order.Order is { } now ? order.Driven.Sightings.Append(new Sighting(now.State, now.Version)) : order.Driven.Sightings;
        Sighting? before = null;
        foreach (var sighting in sightings)
        {
            if (before is not null && before != sighting && (IsEnd(before) || Rank(sighting) < Rank(before) || sighting.Version < before.Version))
            {
                yield return new Violation(
                    order.Id, Name, $"after {before.State} version {before.Version} {(IsEnd(before) ? "nothing else" : "a later state")}", $"{sighting.State} version {sighting.Version}");
            }

            before = sighting;
        }
    }

    private IEnumerable<Violation> Decided(OrderEvidence order)
    {
        if (order.Order is not { IsTerminal: true })
        {
            yield break;
        }

        // Each forward step is decided only when the one before it was done, and nothing after one that was not.
        var reached = Forward.TakeWhile((_, index) => index == 0 || order.Verdict(Forward[index - 1]) == Steps.Done).ToList();
        var confirmed = order.Order.State == OrderView.Confirmed;
        var expected = confirmed
            ? [.. Forward, Steps.Sale, Steps.End]
            : reached.Append(Steps.End).ToList();
        var optional = confirmed ? [] : new[] { Steps.StockUndo }.Concat(reached.Contains(Steps.Payment) ? [Steps.PaymentUndo] : []).Concat(reached.Contains(Steps.Shipment) ? [Steps.ShipmentUndo] : []);
        var found = order.Order.Steps.Keys.ToList();
        foreach (var missing in expected.Except(found))
        {
            yield return new Violation(order.Id, Name, $"a {order.Order.State.ToLowerInvariant()} order to have decided {missing}", $"only {string.Join(", ", found)}");
        }

        foreach (var extra in found.Except(expected).Except(optional))
        {
            yield return new Violation(order.Id, Name, $"no {extra} in a {order.Order.State.ToLowerInvariant()} order that reached {reached[^1]}", order.Verdict(extra)!);
        }

        var refused = Forward.FirstOrDefault(step => order.Verdict(step) is { } verdict && verdict != Steps.Done);
        if (confirmed ? refused is not null : refused is null)
        {
            yield return new Violation(
                order.Id, Name, confirmed ? "every step of a confirmed order done" : "a step of a cancelled order not done", refused is null ? "all done" : $"{refused}: {order.Verdict(refused)}");
        }
    }

    private static bool IsEnd(Sighting sighting) => sighting.State is OrderView.Confirmed or OrderView.Cancelled;

    private static int Rank(Sighting sighting) => sighting.State switch
    {
        "New" => 0,
        "Started" => 1,
        _ => 2,
    };
}
