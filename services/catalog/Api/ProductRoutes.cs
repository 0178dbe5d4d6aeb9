using System.Globalization;
using Eventide.Catalog.Domain;
using Eventide.Contracts;
using Eventide.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Mvc;

namespace Eventide.Catalog.Api;

/// <summary>GET /products, GET /products/{sku}, GET /categories, PUT /products/{sku}/price.</summary>
internal static class ProductRoutes
{
    private const int DefaultPage = 20;
    private const int LargestPage = 100;
    private const int MostSkus = 100;
    private const int LongestText = 100;
    private const decimal HighestPrice = 1_000_000m;

    public static void MapProducts(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/products", ListAsync);
        routes.MapGet("/products/{sku}", ShowAsync);
        routes.MapGet("/categories", (Products products) =>
            products.Seeds.GroupBy(seed => seed.Category).Select(category => new CategoryView(category.Key, category.Count())));
        routes.MapPut("/products/{sku}/price", SetPriceAsync);
    }

    private static async Task<IResult> ListAsync(
        string? search, string? category, string? skus, string? skip, string? take, Products products, PageCache cache, HttpResponse response,
        CancellationToken cancellationToken)
    {
        if (search is { Length: > LongestText })
        {
            return Problem.Field("search", $"search has at most {LongestText} characters.");
        }

        if (category is not null && !products.Seeds.Any(seed => seed.Category.Equals(category, StringComparison.OrdinalIgnoreCase)))
        {
            return Problem.Field("category", $"There is no category {category}; GET /categories lists them.");
        }

        if (Number(skip, 0, int.MaxValue, 0) is not { } first)
        {
            return Problem.Field("skip", "skip is a number from 0.");
        }

        if (Number(take, 1, LargestPage, DefaultPage) is not { } size)
        {
            return Problem.Field("take", $"take is a number from 1 to {LargestPage}.");
        }

        if (skus is not null)
        {
            return await LookUpAsync(skus, products, cancellationToken);
        }

        var (page, isHit) = await cache.GetAsync(
            $"{search?.ToLowerInvariant()}\n{category?.ToLowerInvariant()}\n{first}\n{size}",
            async () =>
            {
                var matching = products.Seeds
                    .Where(seed => search is null || seed.Name.Contains(search, StringComparison.OrdinalIgnoreCase))
                    .Where(seed => category is null || seed.Category.Equals(category, StringComparison.OrdinalIgnoreCase)).ToList();
                var shown = await products.ReadAsync([.. matching.Skip(first).Take(size)], cancellationToken);
                return ([.. shown.Select(Listed)], matching.Count);
            },
            cancellationToken);
        response.Headers["X-Cache"] = isHit ? "hit" : "miss";
        response.Headers["X-Total-Count"] = page.Total.ToString(CultureInfo.InvariantCulture);
        return Results.Ok(page.Products);
    }

    /// <summary>Never from a page: who asks by SKU is about to sell at this price.</summary>
    private static async Task<IResult> LookUpAsync(string skus, Products products, CancellationToken cancellationToken)
    {
        var wanted = skus.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);
        if (wanted.Count is 0 or > MostSkus)
        {
            return Problem.Field("skus", $"skus names 1 to {MostSkus} products, with commas between them.");
        }

        var found = await products.ReadAsync([.. products.Seeds.Where(seed => wanted.Contains(seed.Sku))], cancellationToken);
        return Results.Ok(found.Select(Listed));
    }

    private static async Task<IResult> ShowAsync(string sku, Products products, CancellationToken cancellationToken) =>
        products.Find(sku) is { } seed ? Results.Ok((await products.ReadAsync([seed], cancellationToken))[0]) : NotFound(sku);

    private static async Task<IResult> SetPriceAsync(string sku, [FromBody] NewPrice body, Products products, CancellationToken cancellationToken)
    {
        if (body.Price is <= 0 or > HighestPrice || decimal.Round(body.Price, 2) != body.Price)
        {
            return Problem.Field("price", $"The price is more than 0 and at most {HighestPrice:N0} euro, in whole cents.");
        }

        if (products.Find(sku) is not { } seed)
        {
            return NotFound(sku);
        }

        await products.SetPriceAsync(sku, body.Price, cancellationToken);
        return Results.Ok((await products.ReadAsync([seed], cancellationToken))[0]);
    }

    private static int? Number(string? text, int lowest, int highest, int otherwise) =>
        text is null ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= lowest && number <= highest ? number
        : null;

    private static ListedProduct Listed(Product product) => new(product.Sku, product.Name, product.Category, product.Price, product.Availability);

    private static IResult NotFound(string sku) => Problem.NotFound($"There is no product {sku}.");

    private sealed record NewPrice(decimal Price);

    private sealed record CategoryView(string Name, int Products);
}
