using System.Collections.Concurrent;
using System.Text.Json;
using Eventide.Sidecar.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Eventide.Sidecar.Tests.PubSub;

/// <summary>From publish to the app and back, through the durable broker.</summary>
[Conformance]
public sealed class DeliveryTests : IAsyncDisposable
{
    private readonly Sidecars _sidecars = new Sidecars().WithStore().WithBroker();
    private readonly ConcurrentQueue<JsonElement> _received = new();
    private Func<JsonElement, string> _answer = _ => """{"status":"SUCCESS"}""";

    [Fact]
    public async Task A_published_message_arrives_as_a_cloud_event()
    {
        using var client = _sidecars.Client(await StartAsync());
        await client.PublishEventAsync("pubsub", "orders", new { number = 7 }, TestContext.Current.CancellationToken);
        var message = Assert.Single(await ReceivedAsync(1));
        Assert.Equal(7, message.GetProperty("data").GetProperty("number").GetInt32());
        Assert.Equal("com.dapr.event.sent", message.GetProperty("type").GetString());
        Assert.Equal("orders", message.GetProperty("topic").GetString());
        Assert.Equal("app", message.GetProperty("source").GetString());
    }

    [Fact]
    public async Task A_message_that_is_retried_arrives_again_until_it_succeeds()
    {
        Target.NeedsDurableBroker();
        var attempts = 0;
        _answer = _ => ++attempts < 3 ? """{"status":"RETRY"}""" : """{"status":"SUCCESS"}""";
        using var client = _sidecars.Client(await StartAsync());
        await client.PublishEventAsync("pubsub", "orders", new { number = 1 }, TestContext.Current.CancellationToken);
        Assert.Equal(3, (await ReceivedAsync(3)).Count);
    }

    [Fact]
    public async Task A_dropped_message_goes_to_the_dead_letter_topic()
    {
        _answer = e => e.GetProperty("topic").GetString() == "orders" && !e.TryGetProperty("seen", out _) && _received.Count == 1 ? """{"status":"DROP"}""" : "";
        using var client = _sidecars.Client(await StartAsync(deadLetterTopic: "orders.dead"));
        await client.PublishEventAsync("pubsub", "orders", new { number = 9 }, TestContext.Current.CancellationToken);
        var received = await ReceivedAsync(2);
        Assert.All(received, e => Assert.Equal(9, e.GetProperty("data").GetProperty("number").GetInt32()));
    }

    [Fact]
    public async Task Messages_of_one_partition_key_arrive_in_order()
    {
        Target.NeedsDurableBroker();
        using var client = _sidecars.Client(await StartAsync());
        var metadata = new Dictionary<string, string> { ["partitionKey"] = "same" };
        for (var i = 0; i < 50; i++)
        {
            await client.PublishEventAsync("pubsub", "orders", new { number = i }, metadata, TestContext.Current.CancellationToken);
        }

        Assert.Equal(Enumerable.Range(0, 50), (await ReceivedAsync(50)).Select(e => e.GetProperty("data").GetProperty("number").GetInt32()));
    }

    [Fact]
    public async Task What_was_published_before_a_crash_is_delivered_after_it()
    {
        Target.NeedsDurableBroker();
        using (var client = _sidecars.Client(await _sidecars.StartAsync()))
        {
            for (var i = 0; i < 20; i++)
            {
                await client.PublishEventAsync("pubsub", "orders", new { number = i }, TestContext.Current.CancellationToken);
            }
        }

        await _sidecars.StopAsync();
        await StartAsync();
        Assert.Equal(20, (await ReceivedAsync(20)).Select(e => e.GetProperty("id").GetString()).Distinct().Count());
    }

    private async Task<ISidecarUnderTest> StartAsync(string? deadLetterTopic = null)
    {
        var subscriptions = new List<object> { new { pubsubname = "pubsub", topic = "orders", route = "/orders", deadLetterTopic } };
        if (deadLetterTopic is not null)
        {
            subscriptions.Add(new { pubsubname = "pubsub", topic = deadLetterTopic, route = "/orders" });
        }

        var app = await _sidecars.AppAsync(TestApp.HttpAsync(web =>
        {
            web.MapGet("/dapr/subscribe", () => Results.Text(JsonSerializer.Serialize(subscriptions), "application/json"));
            web.MapPost("/orders", async (HttpContext context) =>
            {
                using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
                _received.Enqueue(body.RootElement.Clone());
                return Results.Text(_answer(body.RootElement), "application/json");
            });
        }));
        return await _sidecars.StartReadyAsync("app", app);
    }

    private async Task<IReadOnlyList<JsonElement>> ReceivedAsync(int count)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(15));
        while (_received.Count < count)
        {
            await Task.Delay(5, limit.Token);
        }

        return [.. _received];
    }

    public ValueTask DisposeAsync() => _sidecars.DisposeAsync();
}
