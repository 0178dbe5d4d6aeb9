using Eventide.Tools.Evidence;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Invariants;

/// <summary>I2: captured minus refunded is the total for a confirmed order and 0 otherwise, and never more than the total was captured.</summary>
internal sealed class MoneyIsRight : IInvariant
{
    public string Name => "I2";

    public IEnumerable<Violation> Check(ShopEvidence evidence)
    {
        foreach (var order in evidence.Orders.Where(order => order.Order is { IsTerminal: true }))
        {
            var (total, confirmed) = (order.Order!.Total, order.Order.State == OrderView.Confirmed);
            if (total != order.Driven.AcceptedTotal)
            {
                yield return new Violation(order.Id, Name, $"the total of {order.Driven.AcceptedTotal:0.00} that was accepted", $"{total:0.00}");
            }

            var statement = order.Payment?.Provider ?? new StatementView(0, 0);
            var (due, kept) = (confirmed ? total : 0, statement.Captured - statement.Refunded);
            if (kept != due)
            {
                yield return new Violation(order.Id, Name, $"{due:0.00} kept by the provider", $"{statement.Captured:0.00} captured, {statement.Refunded:0.00} refunded");
            }
            else if (statement.Captured > total)
            {
                yield return new Violation(order.Id, Name, $"at most one capture of {total:0.00}", $"{statement.Captured:0.00} captured");
            }

            var recorded = order.Payment is { State: "Captured" } payment ? payment.Amount : 0;
            if (recorded != due)
            {
                yield return new Violation(order.Id, Name, $"{due:0.00} recorded by payment", order.Payment is null ? "no record" : $"{order.Payment.State} {order.Payment.Amount:0.00}");
            }
        }
    }
}
