namespace Eventide.Sidecar.Components.PubSub;

/// <summary>A pub/sub component. Delivery is at least once. Safe for any number of concurrent callers.</summary>
internal interface IPubSub : IAsyncDisposable
{
    /// <summary>What the component does by itself; the rest is done by the runtime.</summary>
    PubSubFeatures Features { get; }

    /// <summary>Opens the broker; throws when it cannot be reached.</summary>
    Task InitializeAsync(CancellationToken cancellationToken);

    /// <summary>Completes when the broker has the message, as durably as the component promises.</summary>
    Task PublishAsync(PubSubMessage message, CancellationToken cancellationToken);

    /// <summary>
    /// Publishes messages of one topic in their order; completes when the broker has said yes or no to each. Answers what went wrong per message, null where
    /// nothing did. A component that can do it in one step (<see cref="PubSubFeatures.BulkPublish"/>) overrides this.
    /// </summary>
    async Task<IReadOnlyList<Exception?>> PublishManyAsync(IReadOnlyList<PubSubMessage> messages, CancellationToken cancellationToken) =>
        await Task.WhenAll(messages.Select(async message =>
        {
            try
            {
                await PublishAsync(message, cancellationToken);
                return null;
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                return failure;
            }
        }));

    /// <summary>
    /// Starts delivery to <paramref name="handler"/> until the returned subscription is disposed; disposing waits for handlers in flight.
    /// A handler that returns acknowledges; one that throws leaves redelivery to the component, and demands it by <see cref="IUndecided"/>.
    /// Its token is cancelled when the subscription is being disposed: the handler then finishes the call in hand and makes no further attempt.
    /// </summary>
    Task<IAsyncDisposable> SubscribeAsync(SubscribeRequest request, Func<PubSubMessage, CancellationToken, Task> handler, CancellationToken cancellationToken);

    /// <summary>Throws when the broker does not answer.</summary>
    Task PingAsync(CancellationToken cancellationToken);
}

/// <summary>Features of a pub/sub component.</summary>
[Flags]
internal enum PubSubFeatures
{
    None = 0,
    MessageTtl = 1,
    BulkPublish = 2,
    SubscribeWildcards = 4,

    /// <summary>
    /// Where handlers run at once, those of messages that have an order among them begin in this order, but do not wait for each other. The others begin a
    /// handler when the message ahead is acknowledged, or promise no order.
    /// </summary>
    HandsOutAhead = 8,
}

/// <summary>A message as the broker carries it.</summary>
/// <param name="Topic">The topic on the wire.</param>
/// <param name="Data">The bytes: a CloudEvent as JSON, or the raw payload.</param>
/// <param name="ContentType">Of <paramref name="Data"/>.</param>
/// <param name="Metadata">Publish metadata going out (partitionKey, ttlInSeconds …), component metadata coming in.</param>
internal sealed record PubSubMessage(string Topic, ReadOnlyMemory<byte> Data, string? ContentType, IReadOnlyDictionary<string, string> Metadata);

/// <summary>A subscription that the runtime asks a component for.</summary>
/// <param name="Topic">The topic on the wire.</param>
/// <param name="ConsumerId">The consumer group: the app id unless the component file says otherwise.</param>
/// <param name="Metadata">The subscription's own metadata.</param>
/// <param name="MinParallelism">
/// At least so many handlers should run at once where the broker allows it, because each of them waits until a bulk of so many messages is full.
/// </param>
internal sealed record SubscribeRequest(string Topic, string ConsumerId, IReadOnlyDictionary<string, string> Metadata, int MinParallelism = 1);
