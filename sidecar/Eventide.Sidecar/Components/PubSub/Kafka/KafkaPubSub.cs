using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>
/// pubsub.kafka, wire-compatible with Dapr's. At least once; messages of one key in order; different partitions in parallel. What a handler has finished is
/// committed within about a second.
/// </summary>
internal sealed partial class KafkaPubSub(KafkaSettings settings, ComponentContext context, ILogger<KafkaPubSub> log) : IPubSub
{
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PingPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstPing = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly List<KafkaConsumer> _consumers = [];
    private KafkaProducer? _producer;

    /// <inheritdoc/>
    public PubSubFeatures Features => PubSubFeatures.BulkPublish | PubSubFeatures.HandsOutAhead;

    private KafkaProducer Producer => _producer ?? throw new InvalidOperationException("Kafka is not open.");

    // Records are equal by their values, but not the dictionary in them.
    private string Key => $"pubsub.kafka {settings with { ConsumerGroup = null }} {string.Join(' ', settings.Security)}";

    /// <inheritdoc/>
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        var producer = _producer = context.Shared.Rent(Key, () => new KafkaProducer(settings, context.Time, log));
        try
        {
            await Task.Factory.StartNew(() => AwaitBroker(producer, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task PublishAsync(PubSubMessage message, CancellationToken cancellationToken) => Producer.PublishAsync(message, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Exception?>> PublishManyAsync(IReadOnlyList<PubSubMessage> messages, CancellationToken cancellationToken) =>
        Producer.PublishManyAsync(messages, cancellationToken);

    /// <inheritdoc/>
    public Task<IAsyncDisposable> SubscribeAsync(
        SubscribeRequest request, Func<PubSubMessage, CancellationToken, Task> handler, CancellationToken cancellationToken)
    {
        var group = settings.ConsumerGroup ?? request.ConsumerId;
        var subscription = new KafkaSubscription(request.Topic, request.MinParallelism, handler);
        lock (_lock)
        {
            _consumers.RemoveAll(member => member.IsClosed);
            var consumer = _consumers.Find(member => member.Group == group && member.TryAdd(subscription));
            if (consumer is null)
            {
                // The app's first topic; or a topic that a member of this app has already, and one member cannot have it twice.
                consumer = new KafkaConsumer(group, context.AppId, settings, Producer, context.Time, log);
                consumer.TryAdd(subscription);
                _consumers.Add(consumer);
            }

            return Task.FromResult<IAsyncDisposable>(new Running(consumer, subscription));
        }
    }

    /// <inheritdoc/>
    public Task PingAsync(CancellationToken cancellationToken) =>
        Task.Factory.StartNew(() => Producer.Ping(PingTimeout), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        KafkaConsumer[] consumers;
        lock (_lock)
        {
            consumers = [.. _consumers];
        }

        await Task.WhenAll(consumers.Select(consumer => consumer.CloseAsync()));
        if (Interlocked.Exchange(ref _producer, null) is not null)
        {
            await context.Shared.ReturnAsync(Key);
        }
    }

    /// <summary>Blocks until a broker answers; throws with the last reason when <paramref name="cancellationToken"/> ends the wait.</summary>
    private void AwaitBroker(KafkaProducer producer, CancellationToken cancellationToken)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                producer.Ping(FirstPing);
                return;
            }
            catch (KafkaException failure)
            {
                var reason = producer.Connection.LastError ?? failure.Error.Reason;
                if (isFirst)
                {
                    Waiting(settings.Brokers, reason);
                }

                if (cancellationToken.WaitHandle.WaitOne(PingPause))
                {
                    throw new KafkaUnreachableException(
                        $"no broker of Kafka answers at {settings.Brokers} (brokers): {reason}. Start it, or correct the address; spec.initTimeout says how long to wait", failure);
                }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting for Kafka at {Brokers}: {Reason}")]
    private partial void Waiting(string brokers, string reason);

    private sealed class Running(KafkaConsumer consumer, KafkaSubscription subscription) : IAsyncDisposable
    {
        private int _isDisposed;

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            {
                await consumer.RemoveAsync(subscription);
            }
        }
    }
}

/// <summary>No broker answered in time.</summary>
internal sealed class KafkaUnreachableException(string message, Exception inner) : Exception(message, inner);

/// <summary>Makes <see cref="KafkaPubSub"/>.</summary>
internal sealed class KafkaPubSubFactory : IComponentFactory<IPubSub>
{
    /// <inheritdoc/>
    public string Type => "pubsub.kafka";

    /// <inheritdoc/>
    public IPubSub Create(ComponentDefinition definition, ComponentContext context) =>
        new KafkaPubSub(KafkaSettings.Read(definition), context, context.Loggers.CreateLogger<KafkaPubSub>());
}
