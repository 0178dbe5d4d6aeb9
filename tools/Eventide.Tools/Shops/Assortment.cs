using Eventide.Contracts;

namespace Eventide.Tools.Shops;

/// <summary>What virtual customers choose from. The same generator gives the same choices.</summary>
internal static class Assortment
{
    public const string GoodToken = "tok_visa";
    public const string DeclinedToken = "tok_declined";

    /// <summary>The carrier does not go there.</summary>
    public const string UnservedCountry = "AQ";

    private static readonly string[] Countries = ["DE", "FR", "NL", "SE", "ES", "US"];

    /// <summary>The product of which there is least.</summary>
    public static ProductSeed Scarce(IReadOnlyList<ProductSeed> products) => products.MinBy(product => product.Stock)!;

    /// <summary>Products of which there are enough for everybody.</summary>
    public static string[] Plenty(IReadOnlyList<ProductSeed> products)
    {
        var least = Scarce(products).Stock;
        return [.. products.Where(product => product.Stock > 10 * least).Select(product => product.Sku)];
    }

    /// <summary>One to three products, one to three pieces of each.</summary>
    public static List<PlaceOrderLine> Lines(Random random, string[] skus) =>
        [.. random.GetItems(skus, random.Next(1, 4)).Distinct().Select(sku => new PlaceOrderLine(sku, random.Next(1, 4)))];

    /// <summary>One where the carrier goes.</summary>
    public static string Country(Random random) => Countries[random.Next(Countries.Length)];
}
