using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Components.PubSub.Sqlite;

namespace Eventide.Brokers.Tests.PubSub;

/// <summary>pubsub.sqlite, the embedded default.</summary>
public sealed class SqliteContractTests(SqliteUnderTest broker) : PubSubContract(broker), IClassFixture<SqliteUnderTest>;

/// <summary>pubsub.sqlite keeps every promise; it lives in the sidecar's process and cannot be away from it.</summary>
public sealed class SqliteUnderTest : BrokerUnderTest
{
    /// <inheritdoc/>
    public override string Name => "embedded";

    /// <inheritdoc/>
    public override string ComponentType => "pubsub.sqlite";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Value)> Settings =>
        [("connectionString", "data/pubsub.db"), ("redeliverInterval", "50ms"), ("maxRedeliverInterval", "100ms")];

    /// <inheritdoc/>
    public override TimeSpan RedeliversAfter => TimeSpan.FromMilliseconds(300);

    /// <inheritdoc/>
    public override int? MostHeldByStuckReplica => 16;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<Behaviour, string> Differences { get; } = new Dictionary<Behaviour, string>
    {
        [Behaviour.BrokerRestart] = "part of the sidecar: it is there whenever the sidecar is",
        [Behaviour.Ping] = "part of the sidecar: it is there whenever the sidecar is",
    };

    private protected override IComponentFactory<IPubSub> Factory => new SqlitePubSubFactory();
}

/// <summary>pubsub.in-memory, as Dapr has it: for tests of one process.</summary>
public sealed class InMemoryContractTests(InMemoryUnderTest broker) : PubSubContract(broker), IClassFixture<InMemoryUnderTest>;

/// <summary>pubsub.in-memory keeps nothing and brings nothing again.</summary>
public sealed class InMemoryUnderTest : BrokerUnderTest
{
    /// <inheritdoc/>
    public override string Name => "in-memory";

    /// <inheritdoc/>
    public override string ComponentType => "pubsub.in-memory";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Value)> Settings => [];

    /// <inheritdoc/>
    public override TimeSpan RedeliversAfter => TimeSpan.FromMilliseconds(300);

    /// <inheritdoc/>
    public override int? MostHeldByStuckReplica => 1;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<Behaviour, string> Differences { get; } = new Dictionary<Behaviour, string>
    {
        [Behaviour.BulkOrderPerKey] = "no: messages of a bulk are handled side by side",
        [Behaviour.LateSubscriber] = "no: what nobody subscribes to is gone",
        [Behaviour.RedeliveryWithoutDeadLetter] = "no: it is gone",
        [Behaviour.RedeliveryAfterCrash] = "no: it is gone with the process",
        [Behaviour.StopDuringRetry] = "no: it is gone",
        [Behaviour.BrokerRestart] = "part of the sidecar: it is there whenever the sidecar is",
        [Behaviour.BrokerKill] = "no: it is gone with the process",
        [Behaviour.Ping] = "part of the sidecar: it is there whenever the sidecar is",
    };

    private protected override IComponentFactory<IPubSub> Factory => new InMemoryPubSubFactory();
}
