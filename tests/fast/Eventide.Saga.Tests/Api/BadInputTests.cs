using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Eventide.Saga.Tests.Hosting;

namespace Eventide.Saga.Tests.Api;

/// <summary>What ordering says to requests that it cannot serve: problem details (RFC 9457) that name the field.</summary>
public abstract class BadInputTests(QuickShop quick)
{
    private const string Line = """{"sku":"SKU-001","quantity":1}""";

    private Shop Shop => quick.Shop;

    [Theory]
    [InlineData("""{"lines":[{"sku":"SKU-999","quantity":1}],"paymentToken":"tok_visa","country":"DE"}""", "lines[0].sku")]
    [InlineData("""{"lines":[{"quantity":1}],"paymentToken":"tok_visa","country":"DE"}""", "lines[0].sku")]
    [InlineData("""{"lines":[{"sku":"SKU-001","quantity":0}],"paymentToken":"tok_visa","country":"DE"}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"sku":"SKU-001","quantity":-1}],"paymentToken":"tok_visa","country":"DE"}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"sku":"SKU-001","quantity":1000000000}],"paymentToken":"tok_visa","country":"DE"}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"sku":"SKU-001","quantity":99999999999999999999}],"paymentToken":"tok_visa","country":"DE"}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"sku":"SKU-001","quantity":1.5}],"paymentToken":"tok_visa","country":"DE"}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"sku":"SKU-001","quantity":600},{"sku":"SKU-001","quantity":600}],"paymentToken":"tok_visa","country":"DE"}""", "lines[1].quantity")]
    [InlineData("""{"lines":[{"sku":"SKU-001","quantity":1,"unitPrice":0.01}],"paymentToken":"tok_visa","country":"DE"}""", "lines[0].unitPrice")]
    [InlineData("""{"lines":[null],"paymentToken":"tok_visa","country":"DE"}""", "lines[0].sku")]
    [InlineData("""{"lines":[],"paymentToken":"tok_visa","country":"DE"}""", "lines")]
    [InlineData("""{"paymentToken":"tok_visa","country":"DE"}""", "lines")]
    [InlineData($$"""{"lines":[{{Line}}],"country":"DE"}""", "paymentToken")]
    [InlineData($$"""{"lines":[{{Line}}],"paymentToken":"4111111111111111","country":"DE"}""", "paymentToken")]
    [InlineData($$"""{"lines":[{{Line}}],"paymentToken":"tok_4111111111111111","country":"DE"}""", "paymentToken")]
    [InlineData($$"""{"lines":[{{Line}}],"paymentToken":"tok_visa"}""", "country")]
    [InlineData($$"""{"lines":[{{Line}}],"paymentToken":"tok_visa","country":"Germany"}""", "country")]
    [InlineData($$"""{"lines":[{{Line}}],"paymentToken":"tok_visa","country":"DE","customerId":"eve"}""", "customerId")]
    [InlineData($$"""{"lines":[{{Line}}],"paymentToken":"tok_visa","country":"DE","total":0.01}""", "total")]
    [InlineData("""{"lines":[{""", "lines[0]")]
    [InlineData("[]", "body")]
    [InlineData("null", "body")]
    [InlineData("", "body")]
    public async Task An_order_that_is_not_valid_is_refused_with_the_field_at_fault(string body, string field)
    {
        using var answer = await Shop.SendAsync(HttpMethod.Post, "/orders", Json(body), "bad-input");
        await IsProblemAsync(answer, HttpStatusCode.BadRequest, field);
    }

    [Fact]
    public async Task More_than_50_lines_are_refused()
    {
        var lines = string.Join(',', Enumerable.Repeat(Line, 51));
        using var answer = await Shop.SendAsync(HttpMethod.Post, "/orders", Json($$"""{"lines":[{{lines}}],"paymentToken":"tok_visa","country":"DE"}"""), "bad-input");
        await IsProblemAsync(answer, HttpStatusCode.BadRequest, "lines");
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        using var answer = await Shop.SendAsync(HttpMethod.Post, "/orders", Json(new string(' ', 300_000)), "bad-input");
        await IsProblemAsync(answer, HttpStatusCode.RequestEntityTooLarge, "body");
    }

    [Fact]
    public async Task A_body_that_is_not_JSON_is_refused()
    {
        using var answer = await Shop.SendAsync(HttpMethod.Post, "/orders", new StringContent("lines=1", Encoding.UTF8, "text/plain"), "bad-input");
        await IsProblemAsync(answer, HttpStatusCode.UnsupportedMediaType, "Content-Type");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("   ")]
    public async Task An_order_needs_an_idempotency_key(string? key)
    {
        using var answer = await Shop.SendAsync(HttpMethod.Post, "/orders", JsonContent.Create(OrderRequest.Good), key);
        await IsProblemAsync(answer, HttpStatusCode.BadRequest, "Idempotency-Key");
    }

    [Fact]
    public async Task A_key_names_one_order_whatever_its_spelling_in_JSON_and_refuses_another()
    {
        var first = await PlaceAsync("""{"lines":[{"sku":"SKU-001","quantity":1}],"paymentToken":"tok_visa","country":"DE"}""");
        var again = await PlaceAsync("""{ "country": "DE", "paymentToken": "tok_visa", "lines": [ { "quantity": 1, "sku": "SKU-001" } ] }""");
        Assert.Equal(first, again);
        using var other = await Shop.SendAsync(
            HttpMethod.Post, "/orders", Json("""{"lines":[{"sku":"SKU-001","quantity":2}],"paymentToken":"tok_visa","country":"DE"}"""), "same-key");
        await IsProblemAsync(other, HttpStatusCode.UnprocessableEntity, "Idempotency-Key");
    }

    [Fact]
    public async Task The_total_is_what_the_catalog_says()
    {
        await Shop.PlaceAsync("total", OrderRequest.Good);
        Assert.Equal((1 * 18.9m) + (2 * 24.0m), (await Shop.FindAsync(Shop.IdOf("total")))!.Total);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("POST", "/cancel")]
    public async Task Whoever_asks_for_an_order_of_somebody_else_learns_that_there_is_none(string method, string action)
    {
        await Shop.PlaceAsync("mine", OrderRequest.Good);
        using var answer = await Shop.SendAsync(new HttpMethod(method), $"/orders/{Shop.IdOf("mine")}{action}", customer: "eve");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        using var unknown = await Shop.SendAsync(new HttpMethod(method), $"/orders/o-unknown{action}", customer: "eve");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task Whoever_has_not_signed_in_is_asked_to()
    {
        using var answer = await Shop.SendAsync(HttpMethod.Post, "/orders", JsonContent.Create(OrderRequest.Good), "nobody", customer: null);
        await IsProblemAsync(answer, HttpStatusCode.Unauthorized, "Authorization");
        Assert.Equal("Bearer", Assert.Single(answer.Headers.WwwAuthenticate).Scheme);
    }

    [Fact]
    public async Task An_order_that_has_ended_can_not_be_cancelled()
    {
        await Shop.PlaceAsync("ended", OrderRequest.Good);
        await Eventually.HoldsAsync(async () => await Shop.FindAsync(Shop.IdOf("ended")) is { IsTerminal: true }, "the order to end");
        Assert.Equal(HttpStatusCode.Conflict, await Shop.CancelAsync(Shop.IdOf("ended")));
    }

    private static StringContent Json(string body) => new(body, new MediaTypeHeaderValue("application/json"));

    private async Task<string> PlaceAsync(string body)
    {
        using var answer = await Shop.SendAsync(HttpMethod.Post, "/orders", Json(body), "same-key");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("id").GetString()!;
    }

    private static async Task IsProblemAsync(HttpResponseMessage answer, HttpStatusCode status, string field)
    {
        Assert.Equal((status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        var (name, messages) = Assert.Single(problem.GetProperty("errors").EnumerateObject().Select(error => (error.Name, error.Value)));
        Assert.Equal(field, name);
        Assert.NotEmpty(messages[0].GetString()!);
    }
}

/// <summary>Each service an app of its own.</summary>
public sealed class ServicesBadInputTests(QuickServices quick) : BadInputTests(quick);

/// <summary>All modules in one process.</summary>
public sealed class MonolithBadInputTests(QuickMonolith quick) : BadInputTests(quick);
