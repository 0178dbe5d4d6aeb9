using System.Net;
using System.Text;
using Eventide.Operations.Tests.Support;

namespace Eventide.Operations.Tests;

/// <summary>With APP_API_TOKEN only the sidecar brings messages, and with DAPR_API_TOKEN it serves only its own service.</summary>
public sealed class SidecarSignInTests
{
    [Fact]
    public async Task A_forged_message_is_refused_and_the_sidecars_own_arrive()
    {
        await using var shop = new Shop { AppToken = "only-the-sidecar", ApiToken = "only-the-service" };
        var operations = await shop.StartOperationsAsync();
        var publisher = await shop.PublisherAsync();
        foreach (var path in new[] { "/events/orders", "/dapr/subscribe", "/failed-deliveries/o-1" })
        {
            using var none = Request(path, token: null);
            await operations.SendAsync(none, TestContext.Current.CancellationToken).IsProblemAsync(HttpStatusCode.Unauthorized, "dapr-api-token");
            using var wrong = Request(path, "another");
            await operations.SendAsync(wrong, TestContext.Current.CancellationToken).IsProblemAsync(HttpStatusCode.Unauthorized, "dapr-api-token");
        }

        foreach (var publish in Orders.Confirmed("o-1"))
        {
            await publish(publisher);
        }

        // What people read needs no token of the sidecar.
        var timeline = await Wait.UntilAsync(() => operations.GetJsonAsync("/orders/o-1/timeline"), t => t["events"]?.AsArray().Count == 13);
        Assert.Equal("Confirmed", timeline["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task Customers_sign_in_as_before()
    {
        await using var shop = new Shop { AppToken = "only-the-sidecar", ApiToken = "only-the-service" };
        await shop.StartCatalogAsync();
        var basket = await shop.StartBasketAsync();
        await basket.As("ada").PutJsonAsync("/basket/items/SKU-001", new { quantity = 2 });
        await basket.GetAsync(new Uri("/basket", UriKind.Relative), TestContext.Current.CancellationToken).IsProblemAsync(HttpStatusCode.Unauthorized, "Authorization");
    }

    private static HttpRequestMessage Request(string path, string? token)
    {
        var request = new HttpRequestMessage(path.StartsWith("/events", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get, path);
        if (request.Method == HttpMethod.Post)
        {
            request.Content = new StringContent("{\"entries\":[]}", Encoding.UTF8, "application/json");
        }

        if (token is not null)
        {
            request.Headers.Add("dapr-api-token", token);
        }

        return request;
    }
}
