using Eventide.Brokers.Servers;
using Eventide.Brokers.Tests.PubSub;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Components.PubSub.RabbitMq;

namespace Eventide.Brokers.Tests.RabbitMq;

/// <summary>pubsub.rabbitmq with a RabbitMQ of its own.</summary>
public sealed class RabbitMqPubSubTests(RabbitMqUnderTest broker) : PubSubContract(broker), IClassFixture<RabbitMqUnderTest>;

/// <summary>RabbitMQ with the settings of <c>components/brokers/rabbitmq</c>, and quicker.</summary>
public sealed class RabbitMqUnderTest : BrokerUnderTest
{
    private const string NoQueue = "no: what is published before the first subscription of an app is dropped for that app";

    /// <inheritdoc/>
    public override string Name => "rabbitmq";

    /// <inheritdoc/>
    public override string ComponentType => "pubsub.rabbitmq";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Value)> Settings =>
    [
        ("connectionString", Address), ("durable", "true"), ("deletedWhenUnused", "false"), ("deliveryMode", "2"), ("publisherConfirm", "true"),
        ("requeueInFailure", "true"), ("prefetchCount", "50"), ("reconnectWaitSeconds", "1"),
    ];

    /// <inheritdoc/>
    public override TimeSpan RedeliversAfter => TimeSpan.FromSeconds(6);

    /// <inheritdoc/>
    public override int? MostHeldByStuckReplica => 50;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<Behaviour, string> Differences { get; } = new Dictionary<Behaviour, string>
    {
        [Behaviour.PublishMetadata] = "no: messages have no headers",
        [Behaviour.OrderPerKey] = "no: messages are handled side by side; `concurrencyMode: single` with one replica keeps the order",
        [Behaviour.BulkOrderPerKey] = "no: messages are handled side by side",
        [Behaviour.LateSubscriber] = NoQueue,
    };

    internal override string? Missing => RabbitMqServer.IsInstalled ? null : "RabbitMQ is not installed: `make brokers` installs it (package rabbitmq-server).";

    private protected override IComponentFactory<IPubSub> Factory => new RabbitMqPubSubFactory();

    private protected override ILocalServer CreateServer(string folder) => new RabbitMqServer(folder);
}
