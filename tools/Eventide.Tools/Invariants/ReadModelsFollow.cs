using Eventide.Contracts;
using Eventide.Tools.Evidence;

namespace Eventide.Tools.Invariants;

/// <summary>I9: read models equal the fold of the events: what operations makes of them is what the order document says.</summary>
internal sealed class ReadModelsFollow : IInvariant
{
    public string Name => "I9";

    public IEnumerable<Violation> Check(ShopEvidence evidence) => !evidence.Apps.Contains(Subscriptions.Observer)
        ? []
        : from order in evidence.Orders
          where order.Order is { IsTerminal: true }
          let expected = $"operations to show {order.Order!.State} version {order.Order.Version} without gaps"
          let found = order.Timeline is { } model ? $"operations to show {model.State} version {model.LastVersion} {Gaps(model)}" : "operations to show nothing"
          where expected != found
          select new Violation(order.Id, Name, expected, found);

    private static string Gaps(TimelineView timeline) => timeline.Gaps is [] ? "without gaps" : $"without versions {string.Join(", ", timeline.Gaps)}";
}
