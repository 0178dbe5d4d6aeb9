using System.Text.Json;

namespace Eventide.Contracts;

/// <summary>A product as the shop starts with it. Prices are in euro.</summary>
public sealed record ProductSeed(string Sku, string Name, string Category, decimal Price, int Stock)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The seed catalog: catalog takes names and prices from it, inventory the initial stock.</summary>
    public static IReadOnlyList<ProductSeed> Load()
    {
        using var file = typeof(ProductSeed).Assembly.GetManifestResourceStream("products.json")!;
        return JsonSerializer.Deserialize<List<ProductSeed>>(file, Json)!;
    }
}
