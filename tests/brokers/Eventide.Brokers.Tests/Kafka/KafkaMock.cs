using Eventide.Brokers.Servers;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Components.PubSub.Kafka;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Brokers.Tests.Kafka;

/// <summary>A mock of Kafka for one test, and components that use it. Disposing closes the components, then the mock.</summary>
internal sealed class KafkaMock : IAsyncDisposable
{
    private readonly List<IPubSub> _components = [];

    private KafkaMock()
    {
    }

    /// <summary>The brokers.</summary>
    public MockKafka Server { get; } = new() { GroupDelay = TimeSpan.Zero };

    /// <summary>What the components have logged at warning and above.</summary>
    public LogLines Log { get; } = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts the brokers.</summary>
    public static async Task<KafkaMock> StartAsync()
    {
        var mock = new KafkaMock();
        await mock.Server.StartAsync(Cancel);
        return mock;
    }

    /// <summary>Opens a component of its own, as a sidecar in another process has it.</summary>
    public async Task<IPubSub> OpenAsync(string appId, params (string Name, string Value)[] settings)
    {
        var component = Create(Server.Address, appId, Log, settings);
        _components.Add(component);
        await component.InitializeAsync(Cancel);
        return component;
    }

    /// <summary>A component that is not opened.</summary>
    public static IPubSub Create(string brokers, string appId, LogLines log, params (string Name, string Value)[] settings)
    {
        var values = new Dictionary<string, string>
        {
            ["brokers"] = brokers,
            ["authType"] = "none",
            ["initialOffset"] = "oldest",
            ["sessionTimeout"] = "2s",
            ["heartbeatInterval"] = "200ms",
        };
        foreach (var (name, value) in settings)
        {
            values[name] = value;
        }

        return new KafkaPubSubFactory().Create(
            Definition(values), new ComponentContext(appId, "default", "/", () => [], TimeProvider.System, log, new SharedComponents()));
    }

    /// <summary>One producer client, without the component around it.</summary>
    public KafkaSender CreateSender()
    {
        var settings = KafkaSettings.Read(Definition(new Dictionary<string, string> { ["brokers"] = Server.Address, ["authType"] = "none" }));
        var log = Log.CreateLogger(nameof(KafkaSender));
        return new KafkaSender(settings, new KafkaConnection(settings.Brokers, log), TimeProvider.System, log);
    }

    /// <summary>A message with a key.</summary>
    public static PubSubMessage Message(string topic, string data, string? key = null, params (string Name, string Value)[] metadata) => new(
        topic, System.Text.Encoding.UTF8.GetBytes(data), null,
        metadata.Concat(key is null ? [] : [("partitionKey", key)]).ToDictionary(pair => pair.Item1, pair => pair.Item2));

    /// <summary>Subscribes a group.</summary>
    public static Task<IAsyncDisposable> SubscribeAsync(IPubSub component, string topic, string group, Func<PubSubMessage, CancellationToken, Task> handler) =>
        component.SubscribeAsync(new SubscribeRequest(topic, group, new Dictionary<string, string>()), handler, Cancel);

    private static ComponentDefinition Definition(Dictionary<string, string> values) => new(
        "pubsub", "pubsub.kafka", "v1", "pubsub.yaml", false, TimeSpan.FromSeconds(5), new ComponentMetadata("pubsub.yaml", "pubsub", values), []);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Server.StartAsync(CancellationToken.None);
        foreach (var component in _components)
        {
            await component.DisposeAsync();
        }

        await Server.DisposeAsync();
        Log.Dispose();
    }
}
