using System.Collections.Concurrent;
using System.Text;
using Eventide.Brokers.Servers;
using Eventide.Brokers.Tests.Support;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Tests.Support;
using StackExchange.Redis;

namespace Eventide.Brokers.Tests.Redis;

/// <summary>What only pubsub.redis has: Dapr's names and bytes in the server, and what becomes of messages that nobody has decided about.</summary>
public sealed class RedisPubSubTests(RedisFixture redis) : IClassFixture<RedisFixture>, IAsyncLifetime
{
    private readonly string _topic = $"orders-{Guid.NewGuid():N}"[..13];
    private readonly ConcurrentQueue<string> _received = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IDatabase Raw => redis.Raw;

    /// <inheritdoc/>
    public ValueTask InitializeAsync()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "Redis is not installed: `make brokers` installs it (package redis-server).");
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task The_stream_has_the_topics_name_its_entries_the_fields_data_and_metadata_and_group_and_consumer_the_apps_name()
    {
        await using var pubsub = await redis.PubSubAsync();
        await PublishAsync(pubsub, "{\"id\":\"e-1\"}", ("partitionKey", "o-1"), ("rawPayload", "false"));
        await PublishAsync(pubsub, "plain");
        await using (await SubscribeAsync(pubsub))
        {
            await Wait.UntilAsync(() => _received.Count == 2);
        }

        var entries = await Raw.StreamRangeAsync(_topic);
        Assert.All(entries, entry => Assert.Equal(["data", "metadata"], entry.Values.Select(field => (string)field.Name!)));
        Assert.Equal(["{\"id\":\"e-1\"}", "plain"], entries.Select(entry => (string)entry["data"]!));
        Assert.Equal(["""{"partitionKey":"o-1","rawPayload":"false"}""", "{}"], entries.Select(entry => (string)entry["metadata"]!));
        var group = Assert.Single(await Raw.StreamGroupInfoAsync(_topic));
        Assert.Equal(("shop", 0, (string)entries[1].Id!), (group.Name, group.PendingMessageCount, group.LastDeliveredId));
        Assert.Equal("shop", Assert.Single(await Raw.StreamConsumerInfoAsync(_topic, "shop")).Name);
    }

    [Fact]
    public async Task Every_stream_and_group_that_the_chart_lets_KEDA_watch_is_what_a_subscription_makes()
    {
        await using var pubsub = await redis.PubSubAsync();
        foreach (var (app, topic) in RenderedTriggers.Of("redis", "consumerGroup", "stream"))
        {
            await using var subscription = await pubsub.SubscribeAsync(new SubscribeRequest(topic, app, new Dictionary<string, string>()), (_, _) => Task.CompletedTask, Cancel);

            Assert.Contains(await Raw.StreamGroupInfoAsync(topic), group => group.Name == app);
        }
    }

    [Fact]
    public async Task An_entry_of_another_publisher_arrives_with_its_metadata_whatever_order_its_fields_have()
    {
        await using var pubsub = await redis.PubSubAsync();
        var metadata = new ConcurrentQueue<IReadOnlyDictionary<string, string>>();
        await using var running = await pubsub.SubscribeAsync(Request(), (message, _) =>
        {
            metadata.Enqueue(message.Metadata);
            _received.Enqueue(Text(message));
            return Task.CompletedTask;
        }, Cancel);

        await Raw.StreamAddAsync(_topic, [new("metadata", """{"traceparent":"00-1"}"""), new("data", "of daprd")]);
        await Raw.StreamAddAsync(_topic, [new("data", "bare")]);
        await Raw.StreamAddAsync(_topic, [new("data", "broken"), new("metadata", "[1]")]);

        await Wait.UntilAsync(() => _received.Count == 3);
        Assert.Equal(["bare", "broken", "of daprd"], _received.Order());
        Assert.Equal("00-1", Assert.Single(metadata, m => m.Count > 0)["traceparent"]);
    }

    [Fact]
    public async Task A_message_that_the_policy_gave_up_is_acknowledged_and_one_whose_dead_letter_failed_comes_again()
    {
        await using var pubsub = await redis.PubSubAsync(("processingTimeout", "300"));
        await using var running = await pubsub.SubscribeAsync(Request(), (message, _) =>
        {
            _received.Enqueue(Text(message));
            return Text(message) == "refused" ? throw new InvalidOperationException("no")
                : _received.Count(text => text == "undecided") < 3 ? throw new DeadLetterException("dead", new IOException("away"))
                : Task.CompletedTask;
        }, Cancel);

        await PublishAsync(pubsub, "refused");
        await PublishAsync(pubsub, "undecided");

        await Wait.UntilAsync(() => _received.Count(text => text == "undecided") == 3);
        await Wait.UntilAsync(async () => (await Raw.StreamPendingAsync(_topic, "shop")).PendingMessageCount == 0);
        Assert.Single(_received, text => text == "refused");
    }

    [Fact]
    public async Task What_a_stopping_replica_has_not_handled_goes_to_another_one_long_before_the_processing_timeout()
    {
        await using var pubsub = await redis.PubSubAsync(("concurrency", "1"), ("queueDepth", "5"));
        var started = new TaskCompletionSource();
        var first = await pubsub.SubscribeAsync(Request(), async (_, stopping) =>
        {
            started.TrySetResult();
            await Task.Delay(Timeout.Infinite, stopping);
        }, Cancel);
        for (var i = 0; i < 4; i++)
        {
            await PublishAsync(pubsub, $"{i}");
        }

        await started.Task.WaitAsync(Cancel);
        await Wait.UntilAsync(async () => (await Raw.StreamPendingAsync(_topic, "shop")).PendingMessageCount == 4);
        await first.DisposeAsync();

        await using var second = await SubscribeAsync(pubsub);
        await Wait.UntilAsync(() => _received.Distinct().Count() == 4);
    }

    [Fact]
    public async Task A_message_that_waits_for_a_free_handler_is_not_taken_for_stuck()
    {
        await using var pubsub = await redis.PubSubAsync(("concurrency", "1"), ("queueDepth", "10"), ("processingTimeout", "2s"));
        Task HandleAsync(PubSubMessage message, CancellationToken stopping)
        {
            _received.Enqueue(Text(message));
            return Task.Delay(700, stopping);
        }

        await using var one = await pubsub.SubscribeAsync(Request(), HandleAsync, Cancel);
        for (var i = 0; i < 8; i++)
        {
            await PublishAsync(pubsub, $"{i}");
        }

        await Wait.UntilAsync(() => !_received.IsEmpty);
        await using var two = await pubsub.SubscribeAsync(Request(), HandleAsync, Cancel);
        await Wait.UntilAsync(async () => _received.Distinct().Count() == 8 && (await Raw.StreamPendingAsync(_topic, "shop")).PendingMessageCount == 0);

        Assert.Equal(8, _received.Count);
    }

    [Fact]
    public async Task A_stream_that_vanished_is_made_again_and_read_from_its_beginning()
    {
        await using var pubsub = await redis.PubSubAsync();
        await using var running = await SubscribeAsync(pubsub);
        await PublishAsync(pubsub, "before");
        await Wait.UntilAsync(() => _received.Count == 1);

        await Raw.KeyDeleteAsync(_topic);
        await PublishAsync(pubsub, "after");

        await Wait.UntilAsync(() => _received.Contains("after"));
    }

    [Fact]
    public async Task A_removed_message_does_not_stay_pending_for_ever()
    {
        await using var pubsub = await redis.PubSubAsync(("processingTimeout", "300"));
        await Raw.StreamCreateConsumerGroupAsync(_topic, "shop", "0");
        var removed = await Raw.StreamAddAsync(_topic, "data", "removed");
        await Raw.StreamReadGroupAsync(_topic, "shop", "shop", ">");
        await Raw.StreamDeleteAsync(_topic, [removed]);
        Assert.Equal(1, (await Raw.StreamPendingAsync(_topic, "shop")).PendingMessageCount);

        await using var running = await SubscribeAsync(pubsub);

        await Wait.UntilAsync(async () => (await Raw.StreamPendingAsync(_topic, "shop")).PendingMessageCount == 0);
        Assert.Empty(_received);
    }

    [Theory]
    [InlineData("maxLenApprox", "100")]
    [InlineData("streamTTL", "1ms")]
    public async Task A_stream_keeps_no_more_than_its_limit_says(string setting, string value)
    {
        await using var pubsub = await redis.PubSubAsync((setting, value));

        for (var round = 0; round < 10; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => PublishAsync(pubsub, "x")));
        }

        // About: Redis removes whole nodes of a hundred entries.
        Assert.InRange(await Raw.StreamLengthAsync(_topic), 1, 300);
    }

    [Fact]
    public async Task A_server_that_stands_still_for_a_while_costs_nothing_but_time()
    {
        await using var pubsub = await redis.PubSubAsync(("readTimeout", "30s"));
        await using var running = await SubscribeAsync(pubsub);
        await PublishAsync(pubsub, "0");
        await Wait.UntilAsync(() => _received.Count == 1);

        await Raw.ExecuteAsync("CLIENT", "PAUSE", 5000, "ALL");
        await PublishAsync(pubsub, "1");

        await Wait.UntilAsync(() => _received.Count == 2);
        Assert.Equal(["0", "1"], _received);
    }

    [Fact]
    public async Task A_full_server_refuses_a_message_with_the_remedy_and_is_unhealthy_until_there_is_room()
    {
        await using var pubsub = await redis.PubSubAsync();
        await PublishAsync(pubsub, "fits");
        try
        {
            await Raw.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
            var refused = await Assert.ThrowsAnyAsync<IOException>(() => PublishAsync(pubsub, "too much"));
            Assert.Equal(
                $"Redis at {redis.Server.Address} is full (its maxmemory is used up) and took nothing; give it more memory, or let maxLenApprox, streamTTL or ttlInSeconds make room",
                refused.Message);
            Assert.Equal(refused.Message, (await Assert.ThrowsAnyAsync<IOException>(() => pubsub.PingAsync(Cancel))).Message);
        }
        finally
        {
            await Raw.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        }

        await pubsub.PingAsync(Cancel);
        await PublishAsync(pubsub, "fits again");
    }

    [Theory]
    [InlineData("redisType", "cluster", "does not serve redisType \"cluster\"")]
    [InlineData("failover", "true", "does not serve failover by Sentinel")]
    [InlineData("redisType", "ring", "redisType is \"ring\"; allowed is one of node, cluster")]
    [InlineData("queueDepth", "0", "queueDepth is \"0\"; allowed is a whole number from 1 to 100000")]
    [InlineData("processingTimeout", "soon", "processingTimeout is \"soon\"; allowed is a duration such as 500ms, 5s or 1m30s")]
    [InlineData("poolSize", "many", "poolSize is \"many\"; allowed is a whole number")]
    [InlineData("clientCert", "no certificate", "clientCert and clientKey have to be a certificate and its key as PEM text")]
    public void A_wrong_setting_stops_the_start_with_what_is_allowed(string setting, string value, string sentence)
    {
        var failure = Assert.Throws<SidecarStartException>(() => RedisFixture.PubSub(("redisHost", "localhost:6379"), (setting, value)));

        Assert.StartsWith("it.yaml: component \"it\"", failure.Message);
        Assert.Contains(sentence, failure.Message);
    }

    private static string Text(PubSubMessage message) => Encoding.UTF8.GetString(message.Data.Span);

    private SubscribeRequest Request() => new(_topic, "shop", new Dictionary<string, string>());

    private Task<IAsyncDisposable> SubscribeAsync(IPubSub pubsub) => pubsub.SubscribeAsync(Request(), (message, _) =>
    {
        _received.Enqueue(Text(message));
        return Task.CompletedTask;
    }, Cancel);

    private Task PublishAsync(IPubSub pubsub, string data, params (string Name, string Value)[] metadata) => pubsub.PublishAsync(
        new PubSubMessage(_topic, Encoding.UTF8.GetBytes(data), null, metadata.ToDictionary(pair => pair.Name, pair => pair.Value)), Cancel);
}
