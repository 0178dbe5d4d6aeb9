using Eventide.Contracts;
using Eventide.Tools.Evidence;

namespace Eventide.Tools.Invariants;

/// <summary>
/// I9: read models equal the fold of the events: operations shows what the order document says, the catalog the stock that inventory has, and a basket is empty whose
/// content was ordered.
/// </summary>
internal sealed class ReadModelsFollow : IInvariant
{
    public string Name => "I9";

    public IEnumerable<Violation> Check(ShopEvidence evidence) => Timelines(evidence).Concat(Catalog(evidence)).Concat(Baskets(evidence));

    private IEnumerable<Violation> Timelines(ShopEvidence evidence) => !evidence.Apps.Contains(Subscriptions.Observer)
        ? []
        : from order in evidence.Orders
          where order.Order is { IsTerminal: true }
          let expected = $"operations to show {order.Order!.State} version {order.Order.Version} without gaps"
          let found = order.Timeline is { } model ? $"operations to show {model.State} version {model.LastVersion} {Gaps(model)}" : "operations to show nothing"
          where expected != found
          select new Violation(order.Id, Name, expected, found);

    private IEnumerable<Violation> Catalog(ShopEvidence evidence) =>
        from level in evidence.Stock
        join product in evidence.Products on level.Sku equals product.Sku
        where product.Available != level.Available
        select new Violation(level.Sku, Name, $"catalog to show {level.Available} available", $"{product.Available}");

    private IEnumerable<Violation> Baskets(ShopEvidence evidence) =>
        from order in evidence.Orders
        where order.Cart is { Items.Count: > 0 }
        select new Violation(order.Id, Name, "an empty basket", string.Join(", ", order.Cart!.Items.Select(item => $"{item.Quantity} {item.Sku}")));

    private static string Gaps(TimelineView timeline) => timeline.Gaps is [] ? "without gaps" : $"without versions {string.Join(", ", timeline.Gaps)}";
}
