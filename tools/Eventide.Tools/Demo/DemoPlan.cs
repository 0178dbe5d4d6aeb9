using Eventide.Contracts;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Demo;

/// <summary>An order to be placed.</summary>
/// <param name="FromBasket">Whether the customer, who then has no other order, collects it in the basket first.</param>
/// <param name="CancelAfter">For those that the customer cancels: how long after the acceptance.</param>
internal sealed record PlannedOrder(OrderKind Kind, string CustomerId, string IdempotencyKey, PlaceOrder Request, bool FromBasket, TimeSpan CancelAfter);

/// <summary>The orders of a demo. The same seed and number give the same orders.</summary>
internal static class DemoPlan
{
    private const int Customers = 25;
    private const string DeclinedToken = "tok_declined";
    private const string UnservedCountry = "AQ";
    private static readonly string[] Countries = ["DE", "FR", "NL", "SE", "ES", "US"];
    private static readonly OrderKind[] Special = [.. Enum.GetValues<OrderKind>().Where(kind => kind != OrderKind.Plain)];

    public static IReadOnlyList<PlannedOrder> Create(int orders, int seed)
    {
        var random = new Random(seed);
        var products = ProductSeed.Load();
        var scarce = products.MinBy(product => product.Stock)!;
        var plenty = products.Where(product => product.Stock > 10 * scarce.Stock).Select(product => product.Sku).ToArray();

        // A third is special, every kind equally; of the first seven orders each is another kind, so that a small demo has them all.
        var kinds = Enumerable.Range(0, orders).Select(number => number < Special.Length + 1
            ? (OrderKind)number
            : random.Next(3) == 0 ? Special[random.Next(Special.Length)] : OrderKind.Plain).ToArray();
        random.Shuffle(kinds);
        return [.. kinds.Select((kind, number) =>
        {
            var fromBasket = kind == OrderKind.Plain && random.Next(4) == 0;
            return new PlannedOrder(
                kind, fromBasket ? $"customer-with-basket-{number}" : $"customer-{random.Next(Customers)}", $"demo-{seed}-{number}",
                Request(kind, random, plenty, scarce), fromBasket, TimeSpan.FromMilliseconds(random.Next(400)));
        })];
    }

    private static PlaceOrder Request(OrderKind kind, Random random, string[] plenty, ProductSeed scarce)
    {
        List<PlaceOrderLine> lines = [.. random.GetItems(plenty, random.Next(1, 4)).Distinct().Select(sku => new PlaceOrderLine(sku, random.Next(1, 4)))];
        if (kind == OrderKind.OutOfStock)
        {
            lines.Add(new PlaceOrderLine(scarce.Sku, scarce.Stock + 1));
        }
        else if (kind == OrderKind.LastPieces)
        {
            lines.Add(new PlaceOrderLine(scarce.Sku, 1));
        }

        return new PlaceOrder(
            lines, kind == OrderKind.Declined ? DeclinedToken : "tok_visa", kind == OrderKind.NotDeliverable ? UnservedCountry : Countries[random.Next(Countries.Length)]);
    }
}
