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
    private static readonly OrderKind[] Special = [.. Enum.GetValues<OrderKind>().Where(kind => kind != OrderKind.Plain)];

    public static IReadOnlyList<PlannedOrder> Create(int orders, int seed)
    {
        var random = new Random(seed);
        var products = ProductSeed.Load();
        var scarce = Assortment.Scarce(products);
        var plenty = Assortment.Plenty(products);

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
        var lines = Assortment.Lines(random, plenty);
        if (kind == OrderKind.OutOfStock)
        {
            lines.Add(new PlaceOrderLine(scarce.Sku, scarce.Stock + 1));
        }
        else if (kind == OrderKind.LastPieces)
        {
            lines.Add(new PlaceOrderLine(scarce.Sku, 1));
        }

        return new PlaceOrder(
            lines, kind == OrderKind.Declined ? Assortment.DeclinedToken : Assortment.GoodToken,
            kind == OrderKind.NotDeliverable ? Assortment.UnservedCountry : Assortment.Country(random));
    }
}
