using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Eventide.Sidecar.Components.PubSub;

/// <summary>
/// pubsub.in-memory: a bus for the sidecars of one process; what nobody subscribes to is gone. As in Dapr, a message that a handler refuses is not
/// delivered again (Dapr: pubsub/in-memory), unless the component file sets <c>redeliverInterval</c>, which Dapr does not know and ignores.
/// </summary>
internal sealed class InMemoryPubSub(string name, TimeSpan? redeliverInterval, TimeProvider time, SharedComponents shared) : IPubSub
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
        return Task.FromResult<IAsyncDisposable>(new Consumer(group, request.MinParallelism, handler, redeliverInterval, time));
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
        private readonly Channel<PubSubMessage> _group;
        private readonly Func<PubSubMessage, CancellationToken, Task> _handler;
        private readonly TimeSpan? _redeliverInterval;
        private readonly TimeProvider _time;
        private readonly Task[] _workers;

        public Consumer(
            Channel<PubSubMessage> group, int parallelism, Func<PubSubMessage, CancellationToken, Task> handler, TimeSpan? redeliverInterval, TimeProvider time)
        {
            (_group, _handler, _redeliverInterval, _time) = (group, handler, redeliverInterval, time);
            _workers = [.. Enumerable.Range(0, parallelism).Select(_ => Task.Run(WorkAsync))];
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_workers);
            _stop.Dispose();
        }

        private async Task WorkAsync()
        {
            try
            {
                while (await _group.Reader.WaitToReadAsync(_stop.Token))
                {
                    while (!_stop.IsCancellationRequested && _group.Reader.TryRead(out var message))
                    {
                        await HandleAsync(message);
                    }
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // Disposed.
            }
        }

        private async Task HandleAsync(PubSubMessage message)
        {
            try
            {
                await _handler(message, _stop.Token);
            }
            catch (Exception)
            {
                // The runtime has logged why.
                if (_redeliverInterval is { } interval)
                {
                    Redeliver(message, interval);
                }
            }
        }

        private void Redeliver(PubSubMessage message, TimeSpan interval)
        {
            if (_stop.IsCancellationRequested || interval <= TimeSpan.Zero)
            {
                _group.Writer.TryWrite(message);
                return;
            }

            _ = Task.Delay(interval, _time).ContinueWith(
                static (_, state) =>
                {
                    var (group, message) = ((Channel<PubSubMessage>, PubSubMessage))state!;
                    group.Writer.TryWrite(message);
                },
                (_group, message), TaskScheduler.Default);
        }
    }
}

/// <summary>Makes <see cref="InMemoryPubSub"/>.</summary>
internal sealed class InMemoryPubSubFactory : IComponentFactory<IPubSub>
{
    /// <inheritdoc/>
    public string Type => "pubsub.in-memory";

    /// <inheritdoc/>
    public IPubSub Create(ComponentDefinition definition, ComponentContext context)
    {
        var isSet = definition.Metadata.Text("redeliverInterval") is not null;
        var interval = definition.Metadata.Duration("redeliverInterval", TimeSpan.Zero, TimeSpan.FromSeconds(1));
        return new InMemoryPubSub(definition.Name, isSet ? interval : null, context.Time, context.Shared);
    }
}
