using Eventide.Sidecar.Components.Redis;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Eventide.Sidecar.Components.PubSub.Redis;

/// <summary>
/// pubsub.redis: a stream per topic, a consumer group per app, entries with the fields data and metadata, all named as Dapr names them, so that daprd can share the
/// server (Dapr: pubsub/redis). A completed publish is as durable as the server's appendonly setting makes it.
/// </summary>
internal sealed class RedisPubSub(RedisSettings settings, RedisPubSubOptions options, ComponentContext context) : IPubSub
{
    private RedisConnection? _connection;

    /// <inheritdoc/>
    public PubSubFeatures Features => PubSubFeatures.None;

    private RedisConnection Connection => _connection ?? throw new InvalidOperationException("The broker is not open.");

    /// <inheritdoc/>
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        _connection = RedisConnection.Rent(settings, context.Shared, context.Time, context.Loggers);
        try
        {
            await _connection.OpenAsync(cancellationToken);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task PublishAsync(PubSubMessage message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // Not given up when the caller goes: it is on its way, and ends within the time that an answer may take.
            await AddAsync(message.Topic, EntryFormat.Write(message));
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            throw Connection.Failure(failure);
        }
    }

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> SubscribeAsync(
        SubscribeRequest request, Func<PubSubMessage, CancellationToken, Task> handler, CancellationToken cancellationToken) =>
        await RedisSubscription.StartAsync(
            Connection, options, request, handler, context.Time, context.Loggers.CreateLogger<RedisSubscription>(), cancellationToken);

    /// <inheritdoc/>
    public Task PingAsync(CancellationToken cancellationToken) => Connection.PingAsync().WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            _connection = null;
            await context.Shared.ReturnAsync(settings.Identity());
        }
    }

    private Task AddAsync(string topic, NameValueEntry[] fields)
    {
        var database = Connection.Database;
        return options switch
        {
            { MaxLength: > 0 } => database.StreamAddAsync(topic, fields, messageId: null, options.MaxLength, useApproximateMaxLength: true),
            { StreamTtl.Ticks: > 0 } => database.ExecuteAsync(
                "XADD", [(RedisKey)topic, "MINID", "~", $"{Oldest()}-1", "*", .. fields.SelectMany(field => new object[] { field.Name, field.Value })]),
            _ => database.StreamAddAsync(topic, fields),
        };
    }

    private long Oldest() => (context.Time.GetUtcNow() - options.StreamTtl).ToUnixTimeMilliseconds();
}

/// <summary>Makes <see cref="RedisPubSub"/>.</summary>
internal sealed class RedisPubSubFactory : IComponentFactory<IPubSub>
{
    /// <inheritdoc/>
    public string Type => "pubsub.redis";

    /// <inheritdoc/>
    public IPubSub Create(ComponentDefinition definition, ComponentContext context)
    {
        var (metadata, millisecond) = (definition.Metadata, TimeSpan.FromMilliseconds(1));
        var options = new RedisPubSubOptions(
            metadata.Duration("processingTimeout", TimeSpan.FromSeconds(60), millisecond),
            metadata.Duration("redeliverInterval", TimeSpan.FromSeconds(15), millisecond),
            metadata.Number("queueDepth", 100, 1, 100_000),
            metadata.Number("concurrency", 10, 1, 10_000),
            metadata.Number("maxLenApprox", 0),
            // The one time that Dapr takes in seconds when it has no unit.
            metadata.Duration("streamTTL", TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        return new RedisPubSub(RedisSettings.Read(definition), options, context);
    }
}
