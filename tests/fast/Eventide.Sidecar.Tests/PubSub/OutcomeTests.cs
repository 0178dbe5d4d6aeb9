using Dapr.Client;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Sidecar.Tests.PubSub;

/// <summary>What each answer of an HTTP app does to a message: acknowledged, tried again, or a dead letter.</summary>
[Conformance]
public sealed class OutcomeTests : IAsyncDisposable
{
    private readonly Sidecars _sidecars = new Sidecars()
        .Component("pubsub", "pubsub.sqlite", ("connectionString", "data/broker.db"), ("redeliverInterval", "5ms"), ("maxRedeliverInterval", "5ms"))
        .Resource("resiliency.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata:
              name: delivery
            spec:
              policies:
                retries:
                  twice: { policy: constant, duration: 1ms, maxRetries: 2 }
              targets:
                components:
                  pubsub:
                    inbound: { retry: twice }
            """);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _sidecars.DisposeAsync();

    [Theory]
    [InlineData(200, """{"status":"SUCCESS"}""", 1, false)]
    [InlineData(204, "", 1, false)]
    [InlineData(200, "", 1, false)]
    [InlineData(200, "no json", 1, false)]
    [InlineData(200, """{"status":""}""", 1, false)]
    [InlineData(200, """["SUCCESS"]""", 1, false)]
    [InlineData(200, """{"status":"DROP"}""", 1, true)]
    [InlineData(404, "", 1, true)]
    [InlineData(200, """{"status":"RETRY"}""", 3, true)]
    [InlineData(200, """{"status":"LATER"}""", 3, true)]
    [InlineData(500, "", 3, true)]
    [InlineData(302, "", 3, true)]
    public async Task An_answer_decides(int status, string body, int attempts, bool deadLetter)
    {
        var inbox = new Inbox
        {
            Status = call => call.Path == "/orders" && call.Number == 1 ? status : 200,
            Answer = call => Task.FromResult(call.Path == "/orders" && call.Number == 1 ? body : ""),
        }.Subscribe("orders", "dead").Subscribe("dead");
        var sidecar = await _sidecars.StartReadyAsync("shop", await _sidecars.AppAsync(TestApp.HttpAsync(inbox.Map)));
        using var dapr = _sidecars.Client(sidecar);
        var sameKey = new Dictionary<string, string> { ["partitionKey"] = "k" };

        await dapr.PublishEventAsync("pubsub", "orders", 1, sameKey, Cancel);
        await dapr.PublishEventAsync("pubsub", "orders", 2, sameKey, Cancel);

        // The second message of the key comes only when the first is done with, and its dead letter was published before that.
        await Wait.UntilAsync(() => inbox.Deliveries.Any(call => call.Path == "/orders" && call.Number == 2));
        if (Target.IsProcess)
        {
            // pubsub.in-memory knows no order.
            await Wait.UntilAsync(() => inbox.Deliveries.Count(call => call.Path == "/orders" && call.Number == 1) >= attempts);
        }

        Assert.Equal(attempts, inbox.Deliveries.Count(call => call.Path == "/orders" && call.Number == 1));
        await Wait.UntilAsync(() => inbox.Deliveries.Any(call => call.Path == "/dead") == deadLetter);
    }

    [Fact]
    public async Task Without_a_dead_letter_topic_the_broker_delivers_again_after_the_policy_has_given_up()
    {
        Target.NeedsDurableBroker();
        var inbox = new Inbox().Subscribe("orders");
        inbox.Status = _ => inbox.Deliveries.Count <= 7 ? 500 : 200;
        var sidecar = await _sidecars.StartReadyAsync("shop", await _sidecars.AppAsync(TestApp.HttpAsync(inbox.Map)));
        using var dapr = _sidecars.Client(sidecar);

        await dapr.PublishEventAsync("pubsub", "orders", 1, Cancel);

        Assert.All(await inbox.ReceivedAsync(8), call => Assert.Equal(1, call.Number));
    }

    [Fact]
    public async Task A_delivery_carries_the_apps_token_and_never_one_that_a_publisher_smuggles_in()
    {
        var inbox = new Inbox().Subscribe("orders");
        var sidecar = await _sidecars.StartReadyAsync(
            "shop", await _sidecars.AppAsync(TestApp.HttpAsync(inbox.Map)), options => options with { AppApiToken = "for-app" });
        using var dapr = _sidecars.Client(sidecar);

        await dapr.PublishEventAsync("pubsub", "orders", 1, new Dictionary<string, string> { ["dapr-api-token"] = "forged", ["own"] = "kept" }, Cancel);

        var headers = Assert.Single(await inbox.ReceivedAsync(1)).Headers;
        Assert.Equal(("for-app", "kept", "pubsub"), (headers["dapr-api-token"], headers["own"], headers["pubsubName"]));
    }

    [Fact]
    public async Task What_is_no_cloud_event_and_what_no_rule_can_read_become_dead_letters()
    {
        var inbox = new Inbox().Subscribe("good").Subscribe(new
        {
            pubsubname = "pubsub",
            topic = "orders",
            deadLetterTopic = "dead",
            routes = new { rules = new[] { new { match = "event.data.size > 3", path = "/large" } }, @default = "/small" },
        }).Subscribe(new { pubsubname = "pubsub", topic = "dead", route = "/dead", metadata = new { rawPayload = "true" } });
        var sidecar = await _sidecars.StartReadyAsync("shop", await _sidecars.AppAsync(TestApp.HttpAsync(inbox.Map)));
        using var dapr = _sidecars.Client(sidecar);

        await dapr.PublishByteEventAsync("pubsub", "orders", "not json"u8.ToArray(), "text/plain", new Dictionary<string, string> { ["rawPayload"] = "true" }, Cancel);
        await dapr.PublishEventAsync("pubsub", "orders", new { size = "no number" }, Cancel);
        await dapr.PublishEventAsync("pubsub", "orders", new { size = 4 }, Cancel);

        await Wait.UntilAsync(() => inbox.Deliveries.Count == 3);
        Assert.Equal(["/dead", "/dead", "/large"], inbox.Deliveries.Select(call => call.Path).Order());
        Assert.Contains(inbox.Deliveries, call => call.Path == "/dead" && call.Body.GetProperty("data_base64").GetBytesFromBase64().AsSpan().SequenceEqual("not json"u8));
    }
}
