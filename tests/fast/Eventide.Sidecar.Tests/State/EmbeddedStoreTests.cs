using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.State;

namespace Eventide.Sidecar.Tests.State;

/// <summary>state.in-memory.</summary>
public sealed class InMemoryStateStoreTests(InMemoryStoreUnderTest store) : StateStoreContract(store), IClassFixture<InMemoryStoreUnderTest>;

/// <summary>state.in-memory keeps nothing: it is gone with the sidecar.</summary>
public sealed class InMemoryStoreUnderTest : StoreUnderTest
{
    private const string PartOfTheSidecar = "part of the sidecar: it is there whenever the sidecar is";

    /// <inheritdoc/>
    public override string Name => "in-memory";

    /// <inheritdoc/>
    public override string ComponentType => "state.in-memory";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Value)> Settings => [];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<StoreBehaviour, string> Differences { get; } = new Dictionary<StoreBehaviour, string>
    {
        [StoreBehaviour.Ownership] = "every process has its own",
        [StoreBehaviour.Takeover] = "no: it is gone with the process",
        [StoreBehaviour.Outage] = PartOfTheSidecar,
        [StoreBehaviour.Kill] = "no: it is gone with the process",
        [StoreBehaviour.Start] = PartOfTheSidecar,
    };

    private protected override IComponentFactory<IStateStore> Factory => new InMemoryStateStoreFactory();
}

/// <summary>state.sqlite.</summary>
public sealed class SqliteStateStoreTests(SqliteStoreUnderTest store) : StateStoreContract(store), IClassFixture<SqliteStoreUnderTest>;

/// <summary>state.sqlite, the embedded default.</summary>
public sealed class SqliteStoreUnderTest : StoreUnderTest
{
    private const string PartOfTheSidecar = "part of the sidecar: it is there whenever the sidecar is";

    /// <inheritdoc/>
    public override string Name => "sqlite";

    /// <inheritdoc/>
    public override string ComponentType => "state.sqlite";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Value)> Settings => [("connectionString", "data/{appID}.db")];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<StoreBehaviour, string> Differences { get; } = new Dictionary<StoreBehaviour, string>
    {
        [StoreBehaviour.Takeover] = "holds, on the same machine",
        [StoreBehaviour.Outage] = PartOfTheSidecar,
        [StoreBehaviour.Kill] = "holds for SIGKILL of the sidecar, which it is part of",
        [StoreBehaviour.Start] = PartOfTheSidecar,
    };

    private protected override IComponentFactory<IStateStore> Factory => new SqliteStateStoreFactory();
}
