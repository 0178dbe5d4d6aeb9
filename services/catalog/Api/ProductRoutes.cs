using Eventide.Contracts;

namespace Eventide.Catalog.Api;

/// <summary>GET /products.</summary>
internal static class ProductRoutes
{
    private const int MaxPage = 100;

    public static void MapProducts(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/products", (IReadOnlyList<ProductSeed> products, string? search, string? category, string? skus, int skip = 0, int take = 20) =>
        {
            var wanted = skus?.Split(',', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
            return products
                .Where(product => wanted?.Contains(product.Sku) ?? true)
                .Where(product => search is null || product.Name.Contains(search, StringComparison.OrdinalIgnoreCase))
                .Where(product => category is null || product.Category == category)
                .Skip(Math.Max(0, skip)).Take(wanted is null ? Math.Clamp(take, 1, MaxPage) : products.Count)
                .Select(product => new ProductView(product.Sku, product.Name, product.Category, product.Price));
        });
        routes.MapGet("/products/{sku}", (IReadOnlyList<ProductSeed> products, string sku) =>
            products.FirstOrDefault(product => product.Sku == sku) is { } product
                ? Results.Ok(new ProductView(product.Sku, product.Name, product.Category, product.Price))
                : Results.Problem(statusCode: 404, title: $"There is no product {sku}."));
    }

    /// <summary>A product as customers see it; the price is in euro.</summary>
    private sealed record ProductView(string Sku, string Name, string Category, decimal Price);
}
