using Eventide.Brokers.Servers;
using Eventide.Brokers.Tests.Kafka;
using Eventide.Brokers.Tests.RabbitMq;
using Eventide.Brokers.Tests.Redis;
using Eventide.Scaling.Keda;
using Eventide.Scaling.Local.Brokers;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Brokers.Tests.Backlog;

/// <summary>What `make autoscale` reads of real brokers while an app takes nothing, and after it has taken everything: what KEDA's scaler for each would see.</summary>
public sealed class BacklogReaderTests(RedisFixture redis, RabbitMqNode rabbit) : IClassFixture<RedisFixture>, IClassFixture<RabbitMqNode>
{
    private const string Group = "shop";
    private const int Messages = 100;
    private readonly string _topic = $"orders-{Guid.NewGuid():N}"[..13];
    private readonly TaskCompletionSource _handled = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Redis_tells_what_a_group_was_not_given_and_what_its_consumers_hold()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "Redis is not installed: `make brokers` installs it (package redis-server).");
        await using var pubsub = await redis.PubSubAsync(("concurrency", "4"), ("queueDepth", "8"));
        await using var reader = new RedisBacklog(Component("redisHost", redis.Server.Address));
        Assert.Empty(await reader.ReadAsync(Group, [_topic], Cancel));
        await using var subscription = await SubscribeAndPublishAsync(pubsub);

        await Wait.UntilAsync(async () => await ReadAsync(reader) is { InHand: >= 4 and <= 24 and var held, Waiting: var waiting } && waiting == Messages - held);
        _handled.SetResult();
        await Wait.UntilAsync(async () => await ReadAsync(reader) == new BacklogReading(0, 0));
    }

    [Fact]
    public async Task RabbitMQ_tells_what_waits_in_a_queue_and_forgives_a_queue_that_is_not_there()
    {
        Assert.SkipWhen(rabbit.Server is null, "RabbitMQ is not installed: `make brokers` installs it (package rabbitmq-server).");
        await using var pubsub = await RabbitMqNode.OpenAsync(rabbit.SafeSettings);
        await using var reader = new RabbitMqBacklog(Component("connectionString", rabbit.Server.Address));
        Assert.Empty(await reader.ReadAsync(Group, [_topic, "another"], Cancel));
        await using var subscription = await SubscribeAndPublishAsync(pubsub);

        // Fifty are with the consumer, which AMQP does not tell.
        await Wait.UntilAsync(async () => await ReadAsync(reader) == new BacklogReading(Messages - 50, 0));
        _handled.SetResult();
        await Wait.UntilAsync(async () => await ReadAsync(reader) == new BacklogReading(0, 0));
    }

    [Fact]
    public async Task Kafka_tells_what_a_group_has_not_committed()
    {
        await using var kafka = await KafkaMock.StartAsync();
        var pubsub = await kafka.OpenAsync(Group);
        await using var reader = new KafkaBacklog(Component("brokers", kafka.Server.Address));
        await using var subscription = await SubscribeAndPublishAsync(pubsub);

        await Wait.UntilAsync(async () => await ReadAsync(reader) is { Total: Messages, Partitions: > 0 });
        _handled.SetResult();
        await Wait.UntilAsync(async () => await ReadAsync(reader) is { Total: 0 });
    }

    private static BrokerComponent Component(string setting, string value) => new("pubsub.yaml", "", new Dictionary<string, string> { [setting] = value });

    private async Task<BacklogReading?> ReadAsync(IBacklogReader reader) => (await reader.ReadAsync(Group, [_topic], Cancel)).GetValueOrDefault(_topic);

    private async Task<IAsyncDisposable> SubscribeAndPublishAsync(IPubSub pubsub)
    {
        var subscription = await pubsub.SubscribeAsync(new SubscribeRequest(_topic, Group, new Dictionary<string, string>()), (_, _) => _handled.Task, Cancel);
        for (var i = 0; i < Messages; i++)
        {
            await pubsub.PublishAsync(new PubSubMessage(_topic, "7"u8.ToArray(), null, new Dictionary<string, string>()), Cancel);
        }

        return subscription;
    }
}
