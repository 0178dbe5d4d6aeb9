using System.Text;
using System.Text.Json;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Brokers.Tests.PubSub;

/// <content>What arrives, where, and in which order.</content>
public abstract partial class PubSubContract
{
    [Fact]
    [Behaviour(Behaviour.Delivery)]
    public async Task A_message_arrives_with_its_text_and_the_attributes_that_were_given()
    {
        var app = await StartAsync("shop");
        var text = "Straße, 北京, עברית, 🚚\u0001\"\\" + string.Concat(Enumerable.Repeat("𝄞ä ", 30_000));
        await app.Client.PublishEventAsync("pubsub", Topic, new { text, price = 12.50m }, new Dictionary<string, string>
        {
            ["cloudevent.id"] = "o-1/3",
            ["cloudevent.type"] = "eventide.ordering.order-created.v1",
            ["cloudevent.source"] = "ordering",
            ["cloudevent.subject"] = "o-1",
        }, Cancel);

        var received = (await app.Inbox.ReceivedAsync(1))[0].Body;

        Assert.Equal(text, received.GetProperty("data").GetProperty("text").GetString());
        Assert.Equal("12.50", received.GetProperty("data").GetProperty("price").GetRawText());
        Assert.Equal(
            ("o-1/3", "eventide.ordering.order-created.v1", "ordering", "o-1", "1.0", "application/json", Topic, "pubsub"),
            (Text(received, "id"), Text(received, "type"), Text(received, "source"), Text(received, "subject"), Text(received, "specversion"),
                Text(received, "datacontenttype"), Text(received, "topic"), Text(received, "pubsubname")));
    }

    [Fact]
    [Behaviour(Behaviour.Delivery)]
    public async Task A_whole_cloud_event_keeps_its_extensions_and_binary_data_its_bytes()
    {
        var app = await StartAsync("shop");
        var whole = """{"specversion":"1.0","id":"e-7","type":"t","source":"s","orderversion":7,"causationid":"ç-1","datacontenttype":"application/json","data":{"n":1.10}}""";
        byte[] binary = [0, 1, 0xff, 0xfe, 0, 0x0a, 0x7f];
        await app.Client.PublishByteEventAsync("pubsub", Topic, Encoding.UTF8.GetBytes(whole), "application/cloudevents+json", cancellationToken: Cancel);
        await app.Client.PublishByteEventAsync("pubsub", Topic, binary, "application/octet-stream", cancellationToken: Cancel);

        var received = await app.Inbox.ReceivedAsync(2);

        var extended = Assert.Single(received, delivery => delivery.Id == "e-7").Body;
        Assert.Equal((7, "ç-1", """{"n":1.10}"""), (extended.GetProperty("orderversion").GetInt32(), Text(extended, "causationid"), extended.GetProperty("data").GetRawText()));
        Assert.Equal(binary, Assert.Single(received, delivery => delivery.Id != "e-7").Body.GetProperty("data_base64").GetBytesFromBase64());
    }

    [Fact]
    [Behaviour(Behaviour.RawPayload)]
    public async Task A_raw_payload_reaches_an_app_that_asks_for_it_byte_for_byte()
    {
        var inbox = new Inbox().Subscribe(new { pubsubname = "pubsub", topic = Topic, route = "/raw", metadata = new { rawPayload = "true" } });
        var app = await StartAsync("shop", inbox);
        byte[] payload = [0, 0xff, 0xc0, .. "{ not json"u8];
        await app.Client.PublishByteEventAsync(
            "pubsub", Topic, payload, "application/octet-stream", new Dictionary<string, string> { ["rawPayload"] = "true" }, Cancel);

        Assert.Equal(payload, (await inbox.ReceivedAsync(1))[0].Body.GetProperty("data_base64").GetBytesFromBase64());
    }

    [Fact]
    [Behaviour(Behaviour.PublishMetadata)]
    public async Task Publish_metadata_comes_as_headers()
    {
        var app = await StartAsync("shop");
        await app.Client.PublishEventAsync("pubsub", Topic, 1, new Dictionary<string, string> { ["tenant"] = "north" }, Cancel);

        var headers = (await app.Inbox.ReceivedAsync(1))[0].Headers;

        Assert.Equal(broker.Difference(Behaviour.PublishMetadata) is null ? "north" : null, headers.GetValueOrDefault("tenant"));
    }

    [Fact]
    [Behaviour(Behaviour.FanOut)]
    public async Task Every_app_gets_every_message()
    {
        Replica[] apps = [await StartAsync("basket"), await StartAsync("inventory"), await StartAsync("operations")];
        var publisher = await StartPublisherAsync();

        await PublishAsync(publisher, 0, 100);

        foreach (var app in apps)
        {
            await AllArriveAsync(0, 100, app);
        }
    }

    [Fact]
    [Behaviour(Behaviour.CompetingConsumers)]
    public async Task Replicas_share_the_messages_and_each_is_handled_once()
    {
        var publisher = await StartPublisherAsync();
        var (one, two) = (await StartAsync("shop"), await StartAsync("shop"));
        await UntilAllServeAsync(publisher, one, two);

        await PublishAsync(publisher, 0, 300);

        await AllArriveAsync(0, 300, one, two);
        Assert.Equal(Enumerable.Range(0, 300), one.Numbers.Concat(two.Numbers).Where(number => number >= 0).Order());
        Assert.Contains(one.Numbers, number => number >= 0);
        Assert.Contains(two.Numbers, number => number >= 0);
    }

    [Fact]
    [Behaviour(Behaviour.OrderPerKey)]
    public async Task Messages_of_a_key_arrive_in_their_order_even_when_one_is_retried()
    {
        var attempts = 0;
        var inbox = new Inbox
        {
            Answer = async delivery =>
            {
                // Later messages are quicker to handle, so that order is the broker's work and no chance.
                await Task.Delay(delivery.Number % 10 == 0 ? 20 : 1, Cancel);
                return delivery.Number == 100 && ++attempts < 3 ? Retry : Success;
            },
        }.Subscribe(Topic);
        var app = await StartAsync("shop", inbox);

        await Task.WhenAll(Enumerable.Range(0, 5).Select(async key =>
        {
            for (var i = 0; i < 40; i++)
            {
                await app.Client.PublishEventAsync("pubsub", Topic, (key * 100) + i, new Dictionary<string, string> { ["partitionKey"] = $"key-{key}" }, Cancel);
            }
        }));

        var expected = Enumerable.Range(0, 5).SelectMany(key => Enumerable.Range(key * 100, 40)).ToHashSet();
        await AllArriveAsync(expected, app);
        if (broker.Difference(Behaviour.OrderPerKey) is null)
        {
            foreach (var key in app.Numbers.GroupBy(number => number / 100))
            {
                Assert.Equal(Enumerable.Range(key.Key * 100, 40), key.Distinct());
            }

            Assert.Equal([100, 100, 100, 101], app.Numbers.Where(number => number / 100 == 1).Take(4));
        }
    }

    [Fact]
    [Behaviour(Behaviour.LateSubscriber)]
    public async Task An_app_that_comes_late_finds_what_was_published_before()
    {
        var publisher = await StartPublisherAsync();
        await PublishAsync(publisher, 0, 20);

        var late = await StartAsync("late");

        if (broker.Difference(Behaviour.LateSubscriber) is null)
        {
            await AllArriveAsync(0, 20, late);
            return;
        }

        await UntilAllServeAsync(publisher, late);
        Assert.DoesNotContain(late.Numbers, number => number >= 0);
    }

    [Fact]
    [Behaviour(Behaviour.BulkPublish)]
    public async Task All_entries_of_a_bulk_arrive()
    {
        var app = await StartAsync("shop");

        var answer = await app.Client.BulkPublishEventAsync("pubsub", Topic, Enumerable.Range(0, 250).ToList(), cancellationToken: Cancel);

        Assert.Empty(answer.FailedEntries);
        await AllArriveAsync(0, 250, app);
    }

    [Fact]
    [Behaviour(Behaviour.BulkSubscribe)]
    public async Task Of_a_bulk_only_what_was_not_taken_comes_again()
    {
        var attempts = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();
        var inbox = new Inbox
        {
            Answer = bulk => Task.FromResult(bulk.Statuses(number => attempts.AddOrUpdate(number, 1, (_, n) => n + 1) == 1 && number % 10 == 7 ? "RETRY" : "SUCCESS")),
        }.Subscribe(new
        {
            pubsubname = "pubsub",
            topic = Topic,
            route = "/bulk",
            bulkSubscribe = new { enabled = true, maxMessagesCount = 10, maxAwaitDurationMs = 50 },
        });
        var app = await StartAsync("shop", inbox);

        await PublishAsync(app, 0, 60);

        await Wait.UntilAsync(() => attempts.Count == 60 && attempts.Values.Sum() >= 66);
        Assert.All(attempts, attempt => Assert.Equal(attempt.Key % 10 == 7 ? 2 : 1, attempt.Value));
        Assert.Contains(inbox.Deliveries, bulk => bulk.Entries.Count > 1);
        Assert.All(inbox.Deliveries, bulk => Assert.InRange(bulk.Entries.Count, 1, 10));
    }

    [Fact]
    [Behaviour(Behaviour.BulkOrderPerKey)]
    public async Task Messages_of_a_key_keep_their_order_in_bulks_and_are_in_one_call_at_a_time()
    {
        var inHand = new System.Collections.Concurrent.ConcurrentDictionary<int, Inbox.Delivery>();
        var together = new System.Collections.Concurrent.ConcurrentBag<int>();
        var inbox = new Inbox
        {
            Answer = async bulk =>
            {
                var keys = bulk.Numbers.Select(number => number / 100).ToHashSet();
                foreach (var key in keys.Where(key => !inHand.TryAdd(key, bulk)))
                {
                    together.Add(key);
                }

                await Task.Delay(bulk.Numbers[0] % 2 == 0 ? 20 : 1, Cancel);
                foreach (var key in keys)
                {
                    inHand.TryRemove(key, out _);
                }

                return bulk.Statuses(_ => "SUCCESS");
            },
        }.Subscribe(new
        {
            pubsubname = "pubsub",
            topic = Topic,
            route = "/bulk",
            bulkSubscribe = new { enabled = true, maxMessagesCount = 10, maxAwaitDurationMs = 20 },
        });
        var app = await StartAsync("shop", inbox);

        await Task.WhenAll(Enumerable.Range(0, 5).Select(async key =>
        {
            for (var i = 0; i < 40; i++)
            {
                await app.Client.PublishEventAsync("pubsub", Topic, (key * 100) + i, new Dictionary<string, string> { ["partitionKey"] = $"key-{key}" }, Cancel);
            }
        }));

        await Wait.UntilAsync(() => inbox.Deliveries.SelectMany(bulk => bulk.Numbers).Distinct().Count() == 200);
        if (broker.Difference(Behaviour.BulkOrderPerKey) is null)
        {
            Assert.Empty(together);
            Assert.All(
                inbox.Deliveries.SelectMany(bulk => bulk.Numbers).GroupBy(number => number / 100),
                key => Assert.Equal(Enumerable.Range(key.Key * 100, 40), key.Distinct()));
        }
    }

    private static string? Text(JsonElement envelope, string attribute) => envelope.TryGetProperty(attribute, out var value) ? value.GetString() : null;
}
