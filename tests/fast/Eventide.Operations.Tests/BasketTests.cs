using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Eventide.Contracts;
using Eventide.Operations.Tests.Support;

namespace Eventide.Operations.Tests;

public sealed class BasketTests
{
    private static readonly DateTimeOffset NotAfter = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_basket_shows_what_is_in_it_at_the_prices_of_the_catalog()
    {
        await using var shop = new Shop();
        var catalog = await shop.StartCatalogAsync();
        var ada = (await shop.StartBasketAsync()).As("ada");
        await ada.PutJsonAsync("/basket/items/SKU-001", new { quantity = 3 });
        await ada.PutJsonAsync("/basket/items/SKU-002", new { quantity = 1 });
        await ada.PutJsonAsync("/basket/items/SKU-001", new { quantity = 2 });
        await catalog.PutJsonAsync("/products/SKU-001/price", new { price = 20m });
        var basket = await ada.GetJsonAsync("/basket");
        Assert.Equal(["SKU-001 x 2", "SKU-002 x 1"], Items(basket));
        Assert.Equal(40m + 12.5m, basket["total"]!.GetValue<decimal>());
        await ada.PutJsonAsync("/basket/items/SKU-001", new { quantity = 0 });
        Assert.Equal(["SKU-002 x 1"], Items(await ada.GetJsonAsync("/basket")));
        using var gone = await ada.DeleteAsync(new Uri("/basket", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        Assert.Empty(Items(await ada.GetJsonAsync("/basket")));
    }

    [Fact]
    public async Task Everybody_has_a_basket_of_their_own_and_nobody_has_one_without_signing_in()
    {
        await using var shop = new Shop();
        await shop.StartCatalogAsync();
        var basket = await shop.StartBasketAsync();
        await basket.As("ada||1").PutJsonAsync("/basket/items/SKU-001", new { quantity = 3 });
        Assert.Empty(Items(await basket.As("eve").GetJsonAsync("/basket")));
        Assert.Single(Items(await basket.As("ada||1").GetJsonAsync("/basket")));
        await basket.GetAsync(new Uri("/basket", UriKind.Relative), TestContext.Current.CancellationToken).IsProblemAsync(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task An_order_takes_out_what_was_ordered_once()
    {
        await using var shop = new Shop();
        await shop.StartCatalogAsync();
        var ada = (await shop.StartBasketAsync()).As("ada");
        var publisher = await shop.PublisherAsync();
        await ada.PutJsonAsync("/basket/items/SKU-001", new { quantity = 3 });
        await ada.PutJsonAsync("/basket/items/SKU-002", new { quantity = 1 });
        await publisher.PublishAsync(Order("o-1", "SKU-001", 2) with { Lines = [new("SKU-001", 2, 1m), new("SKU-002", 1, 1m)] });
        await Wait.UntilAsync(() => ada.GetJsonAsync("/basket"), basket => Items(basket).SequenceEqual(["SKU-001 x 1"]));

        // The same message again meets the next basket; the order behind it shows that it has been handled.
        await ada.PutJsonAsync("/basket/items/SKU-001", new { quantity = 5 });
        await publisher.PublishAsync(Order("o-1", "SKU-001", 2));
        await publisher.PublishAsync(Order("o-1", "SKU-001", 2) with { OrderId = "o-2" });
        await Wait.UntilAsync(() => ada.GetJsonAsync("/basket"), basket => Items(basket).SequenceEqual(["SKU-001 x 3"]));
    }

    [Fact]
    public async Task Changes_that_come_together_are_all_made()
    {
        await using var shop = new Shop();
        await shop.StartCatalogAsync();
        var basket = await shop.StartBasketAsync();
        var skus = ProductSeed.Load().Take(20).Select(product => product.Sku).ToList();
        var (ada, eve) = (basket.As("ada"), basket.As("eve"));
        await Task.WhenAll(skus.SelectMany(sku => new[] { ada, eve }.Select(customer => customer.PutJsonAsync($"/basket/items/{sku}", new { quantity = 1 }))));
        Assert.Equal(skus.Select(sku => $"{sku} x 1"), Items(await ada.GetJsonAsync("/basket")).Order());
        Assert.Equal(skus.Select(sku => $"{sku} x 1"), Items(await eve.GetJsonAsync("/basket")).Order());
    }

    [Fact]
    public async Task An_order_message_after_its_time_leaves_the_basket_alone()
    {
        await using var shop = new Shop();
        await shop.StartCatalogAsync();
        var ada = (await shop.StartBasketAsync()).As("ada");
        var publisher = await shop.PublisherAsync();
        await ada.PutJsonAsync("/basket/items/SKU-001", new { quantity = 5 });
        await publisher.PublishAsync(Order("o-1", "SKU-001", 2) with { NotAfter = DateTimeOffset.UtcNow.AddSeconds(-1) });
        await publisher.PublishAsync(Order("o-2", "SKU-001", 1));
        await Wait.UntilAsync(() => ada.GetJsonAsync("/basket"), basket => Items(basket).SequenceEqual(["SKU-001 x 4"]));
    }

    [Fact]
    public async Task A_basket_survives_a_restart_and_is_gone_after_its_time()
    {
        await using var shop = new Shop();
        await shop.StartCatalogAsync();
        var ada = (await shop.StartBasketAsync()).As("ada");
        await ada.PutJsonAsync("/basket/items/SKU-001", new { quantity = 5 });
        await shop.StopAsync();
        await shop.StartCatalogAsync();
        ada = (await shop.StartBasketAsync(("Basket:TimeToLive", "00:00:01"))).As("ada");
        Assert.Equal(["SKU-001 x 5"], Items(await ada.GetJsonAsync("/basket")));
        await ada.PutJsonAsync("/basket/items/SKU-001", new { quantity = 6 });
        await Wait.UntilAsync(() => ada.GetJsonAsync("/basket"), basket => !Items(basket).Any());
    }

    [Fact]
    public async Task A_basket_holds_fifty_products()
    {
        await using var shop = new Shop();
        await shop.StartCatalogAsync();
        var ada = (await shop.StartBasketAsync()).As("ada");
        foreach (var product in ProductSeed.Load().Take(50))
        {
            await ada.PutJsonAsync($"/basket/items/{product.Sku}", new { quantity = 1 });
        }

        await PutAsync(ada, ProductSeed.Load()[50].Sku, 1).IsProblemAsync(HttpStatusCode.BadRequest, "sku");
        await ada.PutJsonAsync($"/basket/items/{ProductSeed.Load()[0].Sku}", new { quantity = 2 });
    }

    [Fact]
    public async Task Bad_input_names_the_field_and_a_catalog_that_is_away_is_a_503()
    {
        await using var shop = new Shop();
        var ada = (await shop.StartBasketAsync()).As("ada");
        await PutAsync(ada, "SKU-001", 1).IsProblemAsync(HttpStatusCode.ServiceUnavailable);
        await shop.StartCatalogAsync();
        await ada.PutJsonAsync("/basket/items/SKU-002", new { quantity = 1 });
        await PutAsync(ada, "SKU-001", -1).IsProblemAsync(HttpStatusCode.BadRequest, "quantity");
        await PutAsync(ada, "SKU-001", 1001).IsProblemAsync(HttpStatusCode.BadRequest, "quantity");
        await PutAsync(ada, "SKU-999", 1).IsProblemAsync(HttpStatusCode.BadRequest, "sku");
        await PutAsync(ada, "SKU-001,SKU-002", 1).IsProblemAsync(HttpStatusCode.BadRequest, "sku");
        await ada.PutAsJsonAsync("/basket/items/SKU-001", new { quantity = "two" }, TestContext.Current.CancellationToken).IsProblemAsync(HttpStatusCode.BadRequest, "quantity");
        Assert.Equal(["SKU-002 x 1"], Items(await ada.GetJsonAsync("/basket")));
    }

    private static OrderCreated Order(string id, string sku, int quantity) => new(id, "ada", [new OrderLine(sku, quantity, 1m)], quantity, 1, NotAfter);

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, string sku, int quantity) =>
        client.PutAsJsonAsync($"/basket/items/{sku}", new { quantity }, TestContext.Current.CancellationToken);

    private static IEnumerable<string> Items(JsonNode basket) =>
        basket["items"]!.AsArray().Select(item => $"{item!["sku"]!.GetValue<string>()} x {item["quantity"]!.GetValue<int>()}");
}
