using System.Net;
using System.Net.Http.Json;
using System.Text;
using Eventide.Operations.Tests.Support;

namespace Eventide.Operations.Tests;

public sealed class BadInputTests(BadInputTests.Services services) : IClassFixture<BadInputTests.Services>
{
    [Theory]
    [InlineData("/dead-letters/d-1/redrive", """{"by":" "}""", "by")]
    [InlineData("/dead-letters/redrive", """{"by":""}""", "by")]
    [InlineData("/dead-letters/d-1/discard", """{"by":"ada","reason":""}""", "reason")]
    [InlineData("/dead-letters/d-1/discard", """{"by":"","reason":"x"}""", "by")]
    [InlineData("/dead-letters/d-1/redrive", """{"by":""", "by")]
    [InlineData("/dead-letters/d-1/redrive", "[]", "body")]
    public async Task A_bad_request_names_the_field(string path, string body, string field)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        await services.Operations.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken).IsProblemAsync(HttpStatusCode.BadRequest, field);
    }

    [Theory]
    [InlineData("/dead-letters?take=0", "take")]
    [InlineData("/dead-letters?take=many", "take")]
    [InlineData("/dead-letters?state=lost", "state")]
    [InlineData("/dead-letters?before=yesterday", "before")]
    [InlineData("/orders?take=201", "take")]
    [InlineData("/orders?state=lost", "state")]
    [InlineData("/orders?since=yesterday", "since")]
    [InlineData("/orders?before=tomorrow", "before")]
    public async Task A_bad_query_names_the_parameter(string path, string field)
    {
        await services.Operations.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken).IsProblemAsync(HttpStatusCode.BadRequest, field);
    }

    [Fact]
    public async Task A_dead_letter_nobody_has_heard_of_is_not_found()
    {
        await services.Operations.GetAsync(new Uri("/dead-letters/d-0", UriKind.Relative), TestContext.Current.CancellationToken).IsProblemAsync(HttpStatusCode.NotFound);
        await PostAsync(services.Operations, "/dead-letters/d-0/redrive", new { by = "ada" }).IsProblemAsync(HttpStatusCode.NotFound);
        await PostAsync(services.Operations, "/dead-letters/d-0/discard", new { by = "ada", reason = "x" }).IsProblemAsync(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("/products?take=0", "take")]
    [InlineData("/products?take=101", "take")]
    [InlineData("/products?skip=-1", "skip")]
    [InlineData("/products?skip=x", "skip")]
    [InlineData("/products?category=cars", "category")]
    [InlineData("/products?skus=,", "skus")]
    public async Task A_bad_catalog_query_names_the_parameter(string path, string field) =>
        await services.Catalog.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken).IsProblemAsync(HttpStatusCode.BadRequest, field);

    [Theory]
    [InlineData("SKU-001", "0", HttpStatusCode.BadRequest, "price")]
    [InlineData("SKU-001", "-1", HttpStatusCode.BadRequest, "price")]
    [InlineData("SKU-001", "1.999", HttpStatusCode.BadRequest, "price")]
    [InlineData("SKU-001", "1000001", HttpStatusCode.BadRequest, "price")]
    [InlineData("SKU-001", "\"much\"", HttpStatusCode.BadRequest, "price")]
    [InlineData("SKU-999", "1", HttpStatusCode.NotFound, null)]
    public async Task A_price_that_cannot_be_is_refused(string sku, string price, HttpStatusCode status, string? field)
    {
        using var content = new StringContent($$"""{"price":{{price}}}""", Encoding.UTF8, "application/json");
        await services.Catalog.PutAsync(new Uri($"/products/{sku}/price", UriKind.Relative), content, TestContext.Current.CancellationToken).IsProblemAsync(status, field);
    }

    [Fact]
    public async Task A_product_that_is_not_sold_is_not_found() =>
        await services.Catalog.GetAsync(new Uri("/products/SKU-999", UriKind.Relative), TestContext.Current.CancellationToken).IsProblemAsync(HttpStatusCode.NotFound);

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, object body) =>
        client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);

    /// <summary>One shop for all of them, since nothing is changed.</summary>
    public sealed class Services : IAsyncLifetime
    {
        private readonly Shop _shop = new();

        public HttpClient Operations { get; private set; } = null!;

        public HttpClient Catalog { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Operations = await _shop.StartOperationsAsync();
            Catalog = await _shop.StartCatalogAsync();
        }

        public ValueTask DisposeAsync() => _shop.DisposeAsync();
    }
}
