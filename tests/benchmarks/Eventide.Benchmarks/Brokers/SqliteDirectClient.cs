using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Components.PubSub.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Eventide.Benchmarks.Brokers;

/// <summary>The embedded broker has no client but its component, in its own process: what is left without the sidecar around it.</summary>
internal sealed class SqliteDirectClient : IDirectClient
{
    private static readonly Dictionary<string, string> NoMetadata = [];
    private readonly IPubSub _broker;
    private readonly string _topic;
    private IAsyncDisposable? _subscription;

    private SqliteDirectClient(IPubSub broker, string topic) => (_broker, _topic) = (broker, topic);

    /// <param name="address">The folder of its file.</param>
    public static async Task<IDirectClient> ConnectAsync(string address, string topic)
    {
        var broker = Create(address);
        await broker.InitializeAsync(CancellationToken.None);
        return new SqliteDirectClient(broker, topic);
    }

    /// <summary>The component over a file in a folder; not yet open.</summary>
    public static IPubSub Create(string folder)
    {
        var settings = new Dictionary<string, string> { ["connectionString"] = "direct.db", ["concurrency"] = $"{MeasuredBroker.Handlers}" };
        return new SqlitePubSubFactory().Create(
            new ComponentDefinition("pubsub", "pubsub.sqlite", "v1", "", IgnoreErrors: false, TimeSpan.FromSeconds(5), new ComponentMetadata("", "pubsub", settings), []),
            new ComponentContext("direct", "default", folder, () => [], TimeProvider.System, NullLoggerFactory.Instance, new SharedComponents()));
    }

    /// <inheritdoc/>
    public Task PublishAsync(byte[] message, int number, CancellationToken cancellationToken) =>
        _broker.PublishAsync(new PubSubMessage(_topic, message, "application/json", NoMetadata), cancellationToken);

    /// <inheritdoc/>
    public async Task ConsumeAsync(Action<ReadOnlyMemory<byte>> handle, CancellationToken cancellationToken) => _subscription = await _broker.SubscribeAsync(
        new SubscribeRequest(_topic, "direct", NoMetadata),
        (message, _) =>
        {
            handle(message.Data);
            return Task.CompletedTask;
        },
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_subscription is not null)
        {
            await _subscription.DisposeAsync();
        }

        await _broker.DisposeAsync();
    }
}
