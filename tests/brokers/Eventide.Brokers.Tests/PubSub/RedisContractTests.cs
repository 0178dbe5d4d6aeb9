using Eventide.Brokers.Servers;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Components.PubSub.Redis;

namespace Eventide.Brokers.Tests.PubSub;

/// <summary>pubsub.redis with a Redis of its own.</summary>
public sealed class RedisContractTests(RedisUnderTest broker) : PubSubContract(broker), IClassFixture<RedisUnderTest>;

/// <summary>Redis with the settings of <c>components/brokers/redis</c>, and quicker.</summary>
public sealed class RedisUnderTest : BrokerUnderTest
{
    /// <inheritdoc/>
    public override string Name => "redis";

    /// <inheritdoc/>
    public override string ComponentType => "pubsub.redis";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Value)> Settings =>
        [("redisHost", Address), ("processingTimeout", "3s"), ("redeliverInterval", "500ms"), ("concurrency", "10"), ("queueDepth", "20")];

    /// <inheritdoc/>
    public override TimeSpan RedeliversAfter => TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override int? MostHeldByStuckReplica => 20;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<Behaviour, string> Differences { get; } = new Dictionary<Behaviour, string>
    {
        [Behaviour.OrderPerKey] = "no: messages are handled side by side",
        [Behaviour.BulkOrderPerKey] = "no: messages are handled side by side",
        [Behaviour.RedeliveryWithoutDeadLetter] = "no: it is acknowledged once the policy has given up, as with Dapr 1.17 and later",
    };

    internal override string? Missing => RedisServer.IsInstalled ? null : "Redis is not installed: `make brokers` installs it (package redis-server).";

    private protected override IComponentFactory<IPubSub> Factory => new RedisPubSubFactory();

    private protected override ILocalServer CreateServer(string folder) => new RedisServer(folder);
}
