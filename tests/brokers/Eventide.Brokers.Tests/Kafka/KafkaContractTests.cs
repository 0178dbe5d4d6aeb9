using Eventide.Brokers.Servers;
using Eventide.Brokers.Tests.PubSub;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Components.PubSub.Kafka;

namespace Eventide.Brokers.Tests.Kafka;

/// <summary>pubsub.kafka with the protocol of today: librdkafka's mock cluster.</summary>
public sealed class KafkaMockPubSubTests(KafkaMockUnderTest broker) : PubSubContract(broker), IClassFixture<KafkaMockUnderTest>;

/// <summary>pubsub.kafka on disk: Kafka 0.9.</summary>
public sealed class Kafka09PubSubTests(Kafka09UnderTest broker) : PubSubContract(broker), IClassFixture<Kafka09UnderTest>;

/// <summary>What every Kafka does.</summary>
public abstract class KafkaUnderTest : BrokerUnderTest
{
    /// <summary>How every Kafka shares work out.</summary>
    protected const string ByPartition = "no: a stuck replica holds its partitions, the others go on with theirs";

    /// <inheritdoc/>
    public override string ComponentType => "pubsub.kafka";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Value)> Settings =>
    [
        ("brokers", Address), ("authType", "none"), ("initialOffset", "oldest"), ("heartbeatInterval", "200ms"), ("sessionTimeout", "2s"), ("writeTimeout", "10s"),
        ("consumeRetryInterval", "50ms"), ("maxMessageBytes", "16000000"), ("consumerFetchDefault", "16000000"),
    ];

    /// <inheritdoc/>
    public override TimeSpan RedeliversAfter => TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override int? MostHeldByStuckReplica => null;

    private protected override IComponentFactory<IPubSub> Factory => new KafkaPubSubFactory();
}

/// <summary>The mock keeps messages while it is stopped, and loses them with its process.</summary>
public sealed class KafkaMockUnderTest : KafkaUnderTest
{
    /// <inheritdoc/>
    public override string Name => "kafka mock";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<Behaviour, string> Differences { get; } = new Dictionary<Behaviour, string>
    {
        [Behaviour.SlowConsumer] = ByPartition,
        [Behaviour.BrokerKill] = "no: it is gone with the process that started the mock",
    };

    private protected override ILocalServer CreateServer(string folder) => new MockKafka { GroupDelay = TimeSpan.Zero };
}

/// <summary>Kafka 0.9 keeps everything, and knows no record headers.</summary>
public sealed class Kafka09UnderTest : KafkaUnderTest
{
    /// <inheritdoc/>
    public override string Name => "kafka 0.9";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Value)> Settings => [.. base.Settings, ("version", "0.9.0.1")];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<Behaviour, string> Differences { get; } = new Dictionary<Behaviour, string>
    {
        [Behaviour.SlowConsumer] = ByPartition,
        [Behaviour.PublishMetadata] = "no: Kafka before 0.11 has no record headers; CloudEvent attributes are in the payload and arrive",
    };

    internal override string? Missing =>
        KafkaInstallation.IsThere ? null : "Kafka 0.9 is not installed here: `make brokers` installs it where there is Java and npm.";

    private protected override ILocalServer CreateServer(string folder) => new KafkaServer(folder);
}
