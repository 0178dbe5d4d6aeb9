using Eventide.Brokers.Servers;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.State;
using Eventide.Sidecar.Components.State.PostgreSql;

namespace Eventide.Brokers.Tests.Stores;

/// <summary>state.postgresql version 2 on a real PostgreSQL.</summary>
public sealed class PostgreSqlStateStoreTests(PostgreSqlUnderTest store) : ServerStoreContract(store), IClassFixture<PostgreSqlUnderTest>;

/// <summary>state.postgresql keeps every promise.</summary>
public sealed class PostgreSqlUnderTest : ServerStoreUnderTest
{
    /// <inheritdoc/>
    public override string Name => "postgresql";

    /// <inheritdoc/>
    public override string ComponentType => "state.postgresql";

    /// <inheritdoc/>
    public override string Version => "v2";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Value)> Settings => [("connectionString", Address)];

    /// <inheritdoc/>
    public override (IReadOnlyList<(string Name, string Value)> Settings, string Sentence)? WrongPassword => (
        [("connectionString", Address), ("password", "wrong-password")],
        "refuses the sign-in: password authentication failed for user \"eventide\"; correct user and password in connectionString");

    /// <inheritdoc/>
    internal override string? Missing => PostgreSqlServer.IsInstalled ? null : "PostgreSQL is not installed: `make brokers` installs it.";

    private protected override IComponentFactory<IStateStore> Factory => new PostgreSqlStateStoreFactory();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Value)> SettingsOfNobody(int port) => [("connectionString", $"host=127.0.0.1 port={port} user=nobody database=none")];

    private protected override ILocalServer CreateServer(string folder) => new PostgreSqlServer(folder);
}
