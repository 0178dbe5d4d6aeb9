using System.Text.Json.Nodes;
using Eventide.Catalog.Domain;
using Eventide.Contracts;
using Eventide.Operations.Tests.Support;

namespace Eventide.Operations.Tests;

public sealed class CatalogTests
{
    private const string Sku = "SKU-007";

    [Fact]
    public async Task Products_are_found_by_text_and_category_in_pages_with_a_total()
    {
        await using var shop = new Shop();
        var catalog = await shop.StartCatalogAsync();
        var (all, _, total) = await ListAsync(catalog, "/products?take=100");
        Assert.Equal(ProductSeed.Load().Count, all.Count);
        Assert.Equal(all.Count, total);
        var (page, _, matching) = await ListAsync(catalog, "/products?category=coffee%20%26%20tea&skip=2&take=3");
        Assert.Equal(["SKU-003", "SKU-004", "SKU-005"], page.Select(SkuOf));
        Assert.Equal(10, matching);
        Assert.Equal(["SKU-007"], (await ListAsync(catalog, "/products?search=POUR-OVER")).Products.Select(SkuOf));
        var categories = (await catalog.GetJsonAsync("/categories")).AsArray();
        Assert.Contains(categories, category => category!["name"]!.GetValue<string>() == "Coffee & Tea" && category["products"]!.GetValue<int>() == 10);
    }

    [Fact]
    public async Task A_page_is_kept_until_a_price_changes()
    {
        await using var shop = new Shop();
        var catalog = await shop.StartCatalogAsync();
        Assert.Equal("miss", (await ListAsync(catalog, "/products")).Cache);
        Assert.Equal("hit", (await ListAsync(catalog, "/products")).Cache);
        Assert.Equal("miss", (await ListAsync(catalog, "/products?take=5")).Cache);
        await catalog.PutJsonAsync($"/products/{Sku}/price", new { price = 25.5m });
        var (products, cache, _) = await ListAsync(catalog, "/products");
        Assert.Equal("miss", cache);
        Assert.Equal(25.5m, products.Single(product => SkuOf(product) == Sku)["price"]!.GetValue<decimal>());
    }

    [Fact]
    public async Task Whoever_asks_by_sku_gets_the_price_that_was_just_set()
    {
        await using var shop = new Shop();
        var catalog = await shop.StartCatalogAsync();
        foreach (var price in (decimal[])[25m, 26.01m, 27m])
        {
            await catalog.PutJsonAsync($"/products/{Sku}/price", new { price });
            var found = (await catalog.GetJsonAsync($"/products?skus={Sku},SKU-999,SKU-001")).AsArray();
            Assert.Equal(["SKU-001", Sku], found.Select(product => SkuOf(product!)));
            Assert.Equal(price, found[1]!["price"]!.GetValue<decimal>());
        }
    }

    [Fact]
    public async Task The_newest_level_of_a_product_counts_in_whatever_order_the_news_come()
    {
        await using var shop = new Shop();
        var catalog = await shop.StartCatalogAsync();
        var publisher = await shop.PublisherAsync();
        await publisher.PublishAsync(new StockReserved("o-3", [new StockAvailable(Sku, 0, 3)]));
        await WaitForAsync(catalog, 0, "SoldOut");
        await publisher.PublishAsync(new StockReserved("o-2", [new StockAvailable(Sku, 5, 2)]));
        await publisher.PublishAsync(new StockReserved("o-3", [new StockAvailable(Sku, 0, 3)]));
        await publisher.PublishAsync(new StockReleased("o-4", [new StockAvailable(Sku, 10, 4), new StockAvailable("SKU-001", 11, 1), new StockAvailable("unknown", 1, 1)]));
        await WaitForAsync(catalog, 10, "FewLeft");
        Assert.Equal("InStock", (await catalog.GetJsonAsync("/products/SKU-001"))["availability"]!.GetValue<string>());
    }

    [Fact]
    public async Task Pages_are_dropped_when_an_availability_changes_and_not_for_each_number()
    {
        await using var shop = new Shop();
        var catalog = await shop.StartCatalogAsync();
        var publisher = await shop.PublisherAsync();
        await ListAsync(catalog, "/products");
        await publisher.PublishAsync(new StockReserved("o-1", [new StockAvailable(Sku, 500, 1)]));
        await WaitForAsync(catalog, 500, "InStock");
        Assert.Equal("hit", (await ListAsync(catalog, "/products")).Cache);
        await publisher.PublishAsync(new StockReserved("o-2", [new StockAvailable(Sku, 0, 2)]));
        var (products, _, _) = await Wait.UntilAsync(
            () => ListAsync(catalog, "/products"), list => list.Products.Single(product => SkuOf(product) == Sku)["availability"]!.GetValue<string>() == "SoldOut");
        Assert.All(products, product => Assert.Null(product["available"]));
    }

    [Fact]
    public async Task A_page_that_is_made_while_pages_are_dropped_is_never_shown_again()
    {
        await using var shop = new Shop();
        await shop.StartCatalogAsync();
        var cache = shop.Of<PageCache>("catalog");
        var token = TestContext.Current.CancellationToken;
        await cache.GetAsync("q", Old, token);
        var (page, isHit) = await cache.GetAsync("q", () => Task.FromResult<(IReadOnlyList<ListedProduct>, int)>(([], 1)), token);
        Assert.False(isHit);
        Assert.Equal(1, page.Total);

        async Task<(IReadOnlyList<ListedProduct>, int)> Old()
        {
            await cache.DropAsync(token);
            return ([], 0);
        }
    }

    [Fact]
    public async Task Prices_and_levels_survive_a_restart()
    {
        await using var shop = new Shop();
        var catalog = await shop.StartCatalogAsync();
        await catalog.PutJsonAsync($"/products/{Sku}/price", new { price = 1.99m });
        await (await shop.PublisherAsync()).PublishAsync(new StockReserved("o-1", [new StockAvailable(Sku, 3, 1)]));
        await WaitForAsync(catalog, 3, "FewLeft");
        await shop.StopAsync();
        catalog = await shop.StartCatalogAsync();
        var product = await catalog.GetJsonAsync($"/products/{Sku}");
        Assert.Equal(1.99m, product["price"]!.GetValue<decimal>());
        Assert.Equal(3, product["available"]!.GetValue<int>());
    }

    private static Task WaitForAsync(HttpClient catalog, int available, string availability) => Wait.UntilAsync(
        () => catalog.GetJsonAsync($"/products/{Sku}"),
        product => product["available"]!.GetValue<int>() == available && product["availability"]!.GetValue<string>() == availability);

    private static async Task<(List<JsonNode> Products, string? Cache, int Total)> ListAsync(HttpClient catalog, string path)
    {
        using var answer = await catalog.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        var products = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsArray();
        return ([.. products.Select(product => product!)], answer.Headers.GetValues("X-Cache").Single(), int.Parse(answer.Headers.GetValues("X-Total-Count").Single()));
    }

    private static string SkuOf(JsonNode product) => product["sku"]!.GetValue<string>();
}
