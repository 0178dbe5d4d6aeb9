namespace Eventide.Sidecar.Components.PubSub;

/// <summary>
/// Any pub/sub component without the order that it may give: deliveries are shuffled within a small window and some come twice, as on a broker that
/// promises neither order nor exactly one delivery. For tests.
/// </summary>
internal sealed class DisorderedPubSub(IPubSub inner, DeliveryDisorder disorder) : IPubSub
{
    /// <inheritdoc/>
    public PubSubFeatures Features => inner.Features;

    /// <inheritdoc/>
    public Task InitializeAsync(CancellationToken cancellationToken) => inner.InitializeAsync(cancellationToken);

    /// <inheritdoc/>
    public Task PublishAsync(PubSubMessage message, CancellationToken cancellationToken) => inner.PublishAsync(WithoutKey(message), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Exception?>> PublishManyAsync(IReadOnlyList<PubSubMessage> messages, CancellationToken cancellationToken) =>
        inner.PublishManyAsync([.. messages.Select(WithoutKey)], cancellationToken);

    /// <inheritdoc/>
    public Task<IAsyncDisposable> SubscribeAsync(
        SubscribeRequest request, Func<PubSubMessage, CancellationToken, Task> handler, CancellationToken cancellationToken)
    {
        var shuffle = new ShuffleWindow(disorder, $"{request.Topic} {request.ConsumerId}");
        return inner.SubscribeAsync(
            disorder.Window > 1 ? request with { MinParallelism = Math.Max(request.MinParallelism, disorder.Window * 2) } : request,
            (message, stopping) => shuffle.IsTwice() ? Task.WhenAll(OnceAsync(message, stopping), OnceAsync(message, stopping)) : OnceAsync(message, stopping),
            cancellationToken);

        async Task OnceAsync(PubSubMessage message, CancellationToken stopping)
        {
            await shuffle.PassAsync();
            await handler(message, stopping);
        }
    }

    /// <inheritdoc/>
    public Task PingAsync(CancellationToken cancellationToken) => inner.PingAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    // With its key a message waits for the one before it, and there would be nothing to shuffle.
    private PubSubMessage WithoutKey(PubSubMessage message) => disorder.Window <= 1 || !message.Metadata.ContainsKey("partitionKey")
        ? message
        : message with { Metadata = message.Metadata.Where(pair => pair.Key != "partitionKey").ToDictionary(pair => pair.Key, pair => pair.Value) };
}
