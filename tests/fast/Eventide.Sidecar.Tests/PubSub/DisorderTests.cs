using Dapr.Client;
using Eventide.Sidecar.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Eventide.Sidecar.Tests.PubSub;

/// <summary>What the host of tests does to deliveries, and brokers whose clock a test moves.</summary>
public sealed class DisorderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("pubsub.in-memory")]
    [InlineData("pubsub.sqlite")]
    public async Task Deliveries_are_shuffled_and_some_doubled_but_none_is_lost(string type)
    {
        await using var sidecars = new Sidecars(disorder: new DeliveryDisorder(Seed: 7, DuplicateRate: 0.5)).Component("pubsub", type, ("connectionString", "data/b.db"));
        var inbox = new Inbox().Subscribe("orders");
        var sidecar = await sidecars.StartReadyAsync("shop", await sidecars.AppAsync(TestApp.HttpAsync(inbox.Map)));
        using var dapr = sidecars.Client(sidecar);
        var sameKey = new Dictionary<string, string> { ["partitionKey"] = "k" };

        await dapr.BulkPublishEventAsync("pubsub", "orders", Enumerable.Range(0, 200).ToList(), sameKey, Cancel);

        await Wait.UntilAsync(() => inbox.Deliveries.Select(call => call.Number).Distinct().Count() == 200 && inbox.Deliveries.Count > 250);
        var firsts = inbox.Deliveries.Select(call => call.Number).Distinct().ToList();
        Assert.NotEqual(Enumerable.Range(0, 200), firsts);
        Assert.True(inbox.Deliveries.Count < 350, "about half of the deliveries come twice");
    }

    [Fact]
    public async Task In_memory_a_refused_message_is_lost_as_in_dapr_unless_the_file_asks_for_redelivery()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var sidecars = new Sidecars(time).Component("pubsub", "pubsub.in-memory").Component("patient", "pubsub.in-memory", ("redeliverInterval", "10s"));
        var inbox = new Inbox().Subscribe("orders").Subscribe(new { pubsubname = "patient", topic = "orders", route = "/patient" });
        inbox.Status = _ => 500;
        var sidecar = await sidecars.StartReadyAsync("shop", await sidecars.AppAsync(TestApp.HttpAsync(inbox.Map)));
        using var dapr = sidecars.Client(sidecar);
        await dapr.PublishEventAsync("pubsub", "orders", 1, Cancel);
        await dapr.PublishEventAsync("patient", "orders", 1, Cancel);
        await inbox.ReceivedAsync(2);

        for (var count = 3; count < 6; count++)
        {
            // The clock is moved until the timer has been set and fires: the app's answer travels on another thread.
            await Wait.UntilAsync(() =>
            {
                time.Advance(TimeSpan.FromSeconds(10));
                return inbox.Deliveries.Count >= count;
            });
        }

        Assert.Single(inbox.Deliveries, call => call.Path == "/orders");
    }

    [Fact]
    public async Task Redelivery_and_bulks_follow_the_clock_of_the_host()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2031, 5, 6, 7, 8, 9, TimeSpan.Zero));
        await using var sidecars = new Sidecars(time).Component("pubsub", "pubsub.sqlite", ("connectionString", "data/b.db"), ("redeliverInterval", "1h"));
        var inbox = new Inbox().Subscribe("orders").Subscribe(new
        {
            pubsubname = "pubsub",
            topic = "bulk",
            route = "/bulk",
            bulkSubscribe = new { enabled = true, maxMessagesCount = 10, maxAwaitDurationMs = 600_000 },
        });
        inbox.Answer = call => Task.FromResult(call.Path == "/bulk" ? call.Statuses(_ => "SUCCESS") : inbox.Deliveries.Count < 2 ? """{"status":"RETRY"}""" : "");
        var sidecar = await sidecars.StartReadyAsync("shop", await sidecars.AppAsync(TestApp.HttpAsync(inbox.Map)));
        using var dapr = sidecars.Client(sidecar);
        await dapr.PublishEventAsync("pubsub", "orders", 1, Cancel);
        Assert.Equal("2031-05-06T07:08:09Z", (await inbox.ReceivedAsync(1))[0].Body.GetProperty("time").GetString());
        await dapr.PublishEventAsync("pubsub", "bulk", 2, Cancel);

        await Wait.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromMinutes(5));
            return inbox.Deliveries.Count(call => call.Path == "/orders") == 2 && inbox.Deliveries.Any(call => call.Path == "/bulk");
        });
    }
}
