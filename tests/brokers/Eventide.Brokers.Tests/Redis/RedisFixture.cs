using Eventide.Brokers.Servers;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Components.PubSub.Redis;
using Eventide.Sidecar.Components.State;
using Eventide.Sidecar.Components.State.Redis;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Eventide.Brokers.Tests.Redis;

/// <summary>One Redis for a class, the components by themselves, and a plain client that sees what daprd would see.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventide-redis-");
    private ConnectionMultiplexer? _client;

    /// <summary>The server.</summary>
    internal RedisServer Server { get; private set; } = null!;

    /// <summary>The client.</summary>
    internal IDatabase Raw => _client!.GetDatabase();

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (RedisServer.IsInstalled)
        {
            Server = new RedisServer(_folder.FullName);
            await Server.StartAsync(TestContext.Current.CancellationToken);
            _client = await ConnectionMultiplexer.ConnectAsync($"{Server.Address},allowAdmin=true");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
            await Server.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>pubsub.redis, opened; looks for stuck messages often.</summary>
    internal async Task<IPubSub> PubSubAsync(params (string Name, string Value)[] settings)
    {
        (string, string)[] defaults = [("redisHost", Server.Address), ("processingTimeout", "60s"), ("redeliverInterval", "100")];
        var component = PubSub([.. defaults, .. settings]);
        await component.InitializeAsync(TestContext.Current.CancellationToken);
        return component;
    }

    /// <summary>pubsub.redis, not opened.</summary>
    internal static IPubSub PubSub(params (string Name, string Value)[] settings) =>
        new RedisPubSubFactory().Create(Definition("pubsub.redis", settings), Context());

    /// <summary>state.redis, opened.</summary>
    internal async Task<IStateStore> StoreAsync(params (string Name, string Value)[] settings)
    {
        var component = new RedisStateStoreFactory().Create(Definition("state.redis", [("redisHost", Server.Address), .. settings]), Context());
        await component.InitializeAsync(TestContext.Current.CancellationToken);
        return component;
    }

    private static ComponentDefinition Definition(string type, (string Name, string Value)[] settings)
    {
        var values = new Dictionary<string, string>();
        foreach (var (name, value) in settings)
        {
            values[name] = value;
        }

        return new ComponentDefinition("it", type, "v1", "it.yaml", IgnoreErrors: false, TimeSpan.FromSeconds(5), new ComponentMetadata("it.yaml", "it", values), []);
    }

    private static ComponentContext Context() =>
        new("shop", "default", ".", () => [], TimeProvider.System, NullLoggerFactory.Instance, new SharedComponents());
}
