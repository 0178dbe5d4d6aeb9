using Eventide.Tools.Evidence;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Invariants;

/// <summary>I3: per SKU, available is not negative, initial = available + reserved + sold, nothing is reserved at rest, and what was sold is what confirmed orders bought.</summary>
internal sealed class StockIsConserved : IInvariant
{
    public string Name => "I3";

    public IEnumerable<Violation> Check(ShopEvidence evidence)
    {
        var bought = evidence.Orders.Where(order => order.Order is { State: OrderView.Confirmed }).SelectMany(order => order.Order!.Lines)
            .GroupBy(line => line.Sku).ToDictionary(lines => lines.Key, lines => lines.Sum(line => line.Quantity));
        var before = evidence.StockBefore.ToDictionary(level => level.Sku);
        foreach (var level in evidence.Stock)
        {
            if (level.Available < 0)
            {
                yield return new Violation(level.Sku, Name, "available ≥ 0", $"{level.Available}");
            }

            if (level.Initial != level.Available + level.Reserved + level.Sold)
            {
                yield return new Violation(
                    level.Sku, Name, $"available + reserved + sold = {level.Initial}", $"{level.Available} + {level.Reserved} + {level.Sold}");
            }

            if (level.Reserved != 0)
            {
                yield return new Violation(level.Sku, Name, "nothing reserved at rest", $"{level.Reserved} reserved");
            }

            var sold = level.Sold - (before.GetValueOrDefault(level.Sku)?.Sold ?? 0);
            if (sold != bought.GetValueOrDefault(level.Sku))
            {
                yield return new Violation(level.Sku, Name, $"{bought.GetValueOrDefault(level.Sku)} sold, as confirmed orders bought", $"{sold} sold");
            }
        }
    }
}
