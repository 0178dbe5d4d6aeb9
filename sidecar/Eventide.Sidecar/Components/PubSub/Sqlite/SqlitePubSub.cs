using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components.PubSub.Sqlite;

/// <summary>pubsub.sqlite, Eventide's own component type: the durable broker for one machine. All sidecars of a process share one <see cref="SqliteBroker"/> per file.</summary>
internal sealed class SqlitePubSub(string path, SqliteBrokerOptions options, TimeProvider time, SharedComponents shared, ILogger<SqliteBroker> log) : IPubSub, IBacklog
{
    private SqliteBroker? _broker;

    /// <inheritdoc/>
    public PubSubFeatures Features => PubSubFeatures.MessageTtl | PubSubFeatures.BulkPublish;

    private SqliteBroker Broker => _broker ?? throw new InvalidOperationException("The broker is not open.");

    private string Key => $"pubsub.sqlite {path}";

    /// <inheritdoc/>
    public Task InitializeAsync(CancellationToken cancellationToken)
    {
        _broker = shared.Rent(Key, () => SqliteBroker.Open(path, options, time, log));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task PublishAsync(PubSubMessage message, CancellationToken cancellationToken) => Broker.PublishAsync(message);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Exception?>> PublishManyAsync(IReadOnlyList<PubSubMessage> messages, CancellationToken cancellationToken)
    {
        await Broker.PublishManyAsync(messages);
        return new Exception?[messages.Count];
    }

    /// <inheritdoc/>
    public Task<IAsyncDisposable> SubscribeAsync(
        SubscribeRequest request, Func<PubSubMessage, CancellationToken, Task> handler, CancellationToken cancellationToken) =>
        Broker.SubscribeAsync(request.Topic, request.ConsumerId, request.MinParallelism, handler);

    /// <inheritdoc/>
    public Backlog BacklogOf(string topic, string consumerId) => _broker?.BacklogOf(topic, consumerId) ?? default;

    /// <inheritdoc/>
    public Task PingAsync(CancellationToken cancellationToken)
    {
        Broker.Ping();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            _broker = null;
            await shared.ReturnAsync(Key);
        }
    }
}

/// <summary>Makes <see cref="SqlitePubSub"/>.</summary>
internal sealed class SqlitePubSubFactory : IComponentFactory<IPubSub>
{
    /// <inheritdoc/>
    public string Type => "pubsub.sqlite";

    /// <inheritdoc/>
    public IPubSub Create(ComponentDefinition definition, ComponentContext context)
    {
        var metadata = definition.Metadata;
        var second = TimeSpan.FromSeconds(1);
        var options = new SqliteBrokerOptions(
            metadata.OneOf("synchronous", "FULL", "FULL", "NORMAL"),
            metadata.Number("concurrency", 16, 1, 1000),
            metadata.Duration("redeliverInterval", TimeSpan.FromSeconds(1), second),
            metadata.Duration("maxRedeliverInterval", TimeSpan.FromSeconds(30), second),
            metadata.Duration("retention", TimeSpan.FromHours(24), second),
            metadata.Number("maxMessages", 2_000_000, 1),
            metadata.Number("maxMegabytes", 4096, 1) * (1024L * 1024));
        return new SqlitePubSub(
            Path.GetFullPath(metadata.Required("connectionString"), context.WorkingDirectory), options, context.Time, context.Shared,
            context.Loggers.CreateLogger<SqliteBroker>());
    }
}
