using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Eventide.Sidecar.Components.PubSub;

/// <summary>
/// pubsub.in-memory: a bus for the sidecars of one process. As in Dapr, a message that a handler refuses is not delivered again; what nobody subscribes to
/// is gone (Dapr: pubsub/in-memory).
/// </summary>
internal sealed class InMemoryPubSub(string name, SharedComponents shared) : IPubSub
{
    private Bus? _bus;

    /// <inheritdoc/>
    public PubSubFeatures Features => PubSubFeatures.None;

    private string Key => $"pubsub.in-memory {name}";

    /// <inheritdoc/>
    public Task InitializeAsync(CancellationToken cancellationToken)
    {
        _bus = shared.Rent(Key, () => new Bus());
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task PublishAsync(PubSubMessage message, CancellationToken cancellationToken)
    {
        foreach (var ((topic, _), group) in _bus!.Groups)
        {
            if (topic == message.Topic)
            {
                group.Writer.TryWrite(message with { Data = message.Data.ToArray() });
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IAsyncDisposable> SubscribeAsync(
        SubscribeRequest request, Func<PubSubMessage, CancellationToken, Task> handler, CancellationToken cancellationToken)
    {
        var group = _bus!.Groups.GetOrAdd((request.Topic, request.ConsumerId), _ => Channel.CreateUnbounded<PubSubMessage>());
        return Task.FromResult<IAsyncDisposable>(new Consumer(group.Reader, handler));
    }

    /// <inheritdoc/>
    public Task PingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _bus is null ? ValueTask.CompletedTask : shared.ReturnAsync(Key);

    private sealed class Bus : IAsyncDisposable
    {
        public ConcurrentDictionary<(string Topic, string Group), Channel<PubSubMessage>> Groups { get; } = new();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Consumer : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _loop;

        public Consumer(ChannelReader<PubSubMessage> messages, Func<PubSubMessage, CancellationToken, Task> handler) =>
            _loop = Task.Run(async () =>
            {
                try
                {
                    await foreach (var message in messages.ReadAllAsync(_stop.Token))
                    {
                        await HandleAsync(message, handler);
                    }
                }
                catch (OperationCanceledException) when (_stop.IsCancellationRequested)
                {
                    // Disposed.
                }
            });

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _loop;
            _stop.Dispose();
        }

        private static async Task HandleAsync(PubSubMessage message, Func<PubSubMessage, CancellationToken, Task> handler)
        {
            try
            {
                await handler(message, CancellationToken.None);
            }
            catch (Exception)
            {
                // Dapr's in-memory bus only logs a failed delivery, which the runtime has done already.
            }
        }
    }
}

/// <summary>Makes <see cref="InMemoryPubSub"/>.</summary>
internal sealed class InMemoryPubSubFactory : IComponentFactory<IPubSub>
{
    /// <inheritdoc/>
    public string Type => "pubsub.in-memory";

    /// <inheritdoc/>
    public IPubSub Create(ComponentDefinition definition, ComponentContext context) => new InMemoryPubSub(definition.Name, context.Shared);
}
