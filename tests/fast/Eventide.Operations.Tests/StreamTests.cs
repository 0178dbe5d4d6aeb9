using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Eventide.Operations.Domain;
using Eventide.Operations.Tests.Support;
using Microsoft.Extensions.Options;

namespace Eventide.Operations.Tests;

public sealed class StreamTests
{
    [Fact]
    public async Task Events_are_streamed_as_they_happen_and_once()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        var publisher = await shop.PublisherAsync();
        await using var body = await operations.GetStreamAsync(new Uri("/orders/stream?orderId=o-2", UriKind.Relative), TestContext.Current.CancellationToken);
        await using var events = SseParser.Create(body).EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("ready", events.Current.EventType);
        await publisher.PublishAsync(Orders.Created("o-1"));
        await publisher.PublishAsync(Orders.Created("o-2"));
        await publisher.PublishAsync(Orders.Created("o-2"));
        await publisher.PublishAsync(Orders.Progressed("o-2", "Stock", 2));
        var seen = new List<string>();
        while (seen.Count < 2 && await events.MoveNextAsync())
        {
            Assert.Equal("order-event", events.Current.EventType);
            seen.Add(JsonNode.Parse(events.Current.Data)!["id"]!.GetValue<string>());
        }

        Assert.Equal(["o-2.v1", "o-2.v2"], seen.Order());
    }

    [Fact]
    public async Task A_reader_that_does_not_keep_up_is_let_go_and_knows_it()
    {
        var changes = new LiveChanges(Options.Create(new OperationsOptions { StreamBuffer = 2 }));
        using var slow = changes.Open();
        using var fast = changes.Open();
        var entries = Histories.Of("o-1", 3, true).Select(delivery => TimelineEntry.Of(delivery, DateTimeOffset.UnixEpoch)!).ToList();
        await using var reading = fast.ReadAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        foreach (var entry in entries)
        {
            changes.Publish(entry);
            Assert.True(await reading.MoveNextAsync());
            Assert.Equal(entry.Id, reading.Current.Id);
        }

        var seen = new List<string>();
        await foreach (var entry in slow.ReadAsync(TestContext.Current.CancellationToken))
        {
            seen.Add(entry.Id);
        }

        Assert.Equal(entries.Take(2).Select(entry => entry.Id), seen);
        Assert.True(slow.WasTooSlow);
        Assert.False(fast.WasTooSlow);
    }
}
