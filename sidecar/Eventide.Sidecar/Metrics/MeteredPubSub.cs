using Eventide.Sidecar.Components.PubSub;

namespace Eventide.Sidecar.Metrics;

/// <summary>Counts and times every attempt to publish, and tells the backlog of every subscription where the component can.</summary>
internal sealed class MeteredPubSub(IPubSub inner, string name, SidecarMetrics metrics) : IPubSub
{
    /// <inheritdoc/>
    public PubSubFeatures Features => inner.Features;

    /// <inheritdoc/>
    public Task InitializeAsync(CancellationToken cancellationToken) => inner.InitializeAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task PublishAsync(PubSubMessage message, CancellationToken cancellationToken)
    {
        var (begin, success) = (metrics.Now(), false);
        try
        {
            await inner.PublishAsync(message, cancellationToken);
            success = true;
        }
        finally
        {
            metrics.Published(name, message.Topic, success, begin);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Exception?>> PublishManyAsync(IReadOnlyList<PubSubMessage> messages, CancellationToken cancellationToken)
    {
        var begin = metrics.Now();
        var failures = await inner.PublishManyAsync(messages, cancellationToken);
        foreach (var outcome in messages.Zip(failures).GroupBy(pair => (pair.First.Topic, Success: pair.Second is null)))
        {
            metrics.Published(name, outcome.Key.Topic, outcome.Key.Success, begin, outcome.Count());
        }

        return failures;
    }

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> SubscribeAsync(
        SubscribeRequest request, Func<PubSubMessage, CancellationToken, Task> handler, CancellationToken cancellationToken)
    {
        var subscription = await inner.SubscribeAsync(request, handler, cancellationToken);
        if (inner is IBacklog backlog)
        {
            metrics.Subscribed(name, request.Topic, () => backlog.BacklogOf(request.Topic, request.ConsumerId));
        }

        return subscription;
    }

    /// <inheritdoc/>
    public Task PingAsync(CancellationToken cancellationToken) => inner.PingAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
