using Eventide.Brokers.Servers;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.State;
using Eventide.Sidecar.Components.State.Redis;

namespace Eventide.Brokers.Tests.Stores;

/// <summary>state.redis on a real Redis.</summary>
public sealed class RedisStateStoreTests(RedisStoreUnderTest store) : ServerStoreContract(store), IClassFixture<RedisStoreUnderTest>;

/// <summary>state.redis keeps every promise.</summary>
public sealed class RedisStoreUnderTest : ServerStoreUnderTest
{
    private const string Password = "right-password";

    /// <inheritdoc/>
    public override string Name => "redis";

    /// <inheritdoc/>
    public override string ComponentType => "state.redis";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Value)> Settings => [("redisHost", Address), ("redisPassword", Password)];

    /// <inheritdoc/>
    public override (IReadOnlyList<(string Name, string Value)> Settings, string Sentence)? WrongPassword => (
        [("redisHost", Address), ("redisPassword", "wrong-password")],
        $"Redis at {Address} refuses the sign-in; correct redisUsername and redisPassword");

    /// <inheritdoc/>
    internal override string? Missing => RedisServer.IsInstalled ? null : "Redis is not installed: `make brokers` installs it (package redis-server).";

    private protected override IComponentFactory<IStateStore> Factory => new RedisStateStoreFactory();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Value)> SettingsOfNobody(int port) => [("redisHost", $"127.0.0.1:{port}")];

    private protected override ILocalServer CreateServer(string folder) => new RedisServer(folder, Password);
}
