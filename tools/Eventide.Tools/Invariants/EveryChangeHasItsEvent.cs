using Eventide.Contracts;
using Eventide.Tools.Evidence;

namespace Eventide.Tools.Invariants;

/// <summary>I7: every change of state has its event, under the id that follows from order and version, and there is no event without a change.</summary>
internal sealed class EveryChangeHasItsEvent : IInvariant
{
    public string Name => "I7";

    public IEnumerable<Violation> Check(ShopEvidence evidence) =>
        evidence.Apps.Contains(Subscriptions.Observer) ? evidence.Orders.SelectMany(CheckOrder) : [];

    private IEnumerable<Violation> CheckOrder(OrderEvidence order)
    {
        var published = order.Events.GroupBy(entry => entry.Id).ToDictionary(entries => entries.Key, entries => entries.Select(entry => entry.Type).Distinct().ToList());
        foreach (var expected in ExpectedEvents.Of(order))
        {
            if (!published.TryGetValue(expected.Id, out var types))
            {
                yield return new Violation(order.Id, Name, $"event {expected.Id} of type {expected.Type}", "no such event");
            }
            else if (types is not [var type] || type != expected.Type)
            {
                yield return new Violation(order.Id, Name, $"event {expected.Id} to be {expected.Type}", string.Join(", ", types));
            }
        }

        foreach (var fact in order.Events.Where(entry => entry.OrderVersion is { } version && (version > (order.Order?.Version ?? 0) || entry.Id != OrderIds.Fact(order.Id, version))))
        {
            yield return new Violation(order.Id, Name, $"versions 1 to {order.Order?.Version ?? 0} with ids of their own", $"event {fact.Id} of version {fact.OrderVersion}");
        }

        foreach (var message in order.Events.Where(entry => entry.OrderVersion is null && entry.Id != ExpectedEvents.IdOf(order.Id, entry.Type)))
        {
            yield return new Violation(order.Id, Name, $"event {ExpectedEvents.IdOf(order.Id, message.Type)}", $"event {message.Id} of type {message.Type}");
        }
    }
}
