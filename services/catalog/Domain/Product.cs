using System.Text.Json.Serialization;
using Eventide.Contracts;

namespace Eventide.Catalog.Domain;

/// <summary>What customers are told about the stock of a product.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Availability>))]
internal enum Availability
{
    InStock,
    FewLeft,
    SoldOut,
}

/// <summary>A product with what is known of it now; the price is in euro.</summary>
/// <param name="Available">As inventory last said; orders on the way may have taken some of it.</param>
internal sealed record Product(string Sku, string Name, string Category, decimal Price, Availability Availability, int Available);

/// <summary>A price that replaces that of the seed catalog.</summary>
internal sealed record PriceDocument(decimal Price, DateTimeOffset ChangedAt)
{
    public static string Key(string sku) => $"catalog/price/{sku}";
}

/// <summary>What inventory last said about a SKU.</summary>
/// <param name="Version">Inventory's version of the level; a lower one is older news.</param>
/// <param name="Shown">The availability that cached pages were last dropped for.</param>
internal sealed record LevelDocument(int Available, int Version, Availability Shown)
{
    public static string Key(string sku) => $"catalog/level/{sku}";

    /// <summary>The newer of the two; the same instance when the news is old.</summary>
    public LevelDocument With(StockAvailable news) => news.Version > Version ? this with { Available = news.Available, Version = news.Version } : this;
}
