using Eventide.Tools.Evidence;

namespace Eventide.Tools.Invariants;

/// <summary>I8: replaying any message changes nothing: neither a request under the same Idempotency-Key, nor an event that is published again.</summary>
internal sealed class ReplayChangesNothing : IInvariant
{
    public string Name => "I8";

    public IEnumerable<Violation> Check(ShopEvidence evidence)
    {
        foreach (var order in evidence.Orders)
        {
            foreach (var answer in order.Driven.Unexpected)
            {
                yield return new Violation(order.Id, Name, answer.Expected, answer.Found);
            }
        }

        if (evidence.BeforeReplay is not { } before)
        {
            yield break;
        }

        var earlier = before.Orders.ToDictionary(order => order.Id, order => (Parts: order.Parts(), Events: order.Events.Select(entry => entry.Id).ToHashSet()));
        foreach (var order in evidence.Orders)
        {
            foreach (var (part, now) in order.Parts().Where(part => earlier[order.Id].Parts[part.Key] != part.Value))
            {
                yield return new Violation(order.Id, Name, $"the same {part} after a replay: {earlier[order.Id].Parts[part]}", now);
            }

            foreach (var added in order.Events.ExceptBy(earlier[order.Id].Events, entry => entry.Id))
            {
                yield return new Violation(order.Id, Name, "no new event after a replay", $"{added.Id} of type {added.Type}");
            }
        }

        foreach (var (was, now) in before.Stock.Join(evidence.Stock, level => level.Sku, level => level.Sku, (was, now) => (was, now)).Where(pair => pair.was != pair.now))
        {
            yield return new Violation(now.Sku, Name, $"{was}", $"{now}");
        }
    }
}
