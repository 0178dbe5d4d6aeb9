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
    /// Starts delivery to <paramref name="handler"/> until the returned subscription is disposed; disposing waits for handlers in flight.
    /// A handler that returns acknowledges; one that throws leaves redelivery to the component.
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
internal sealed record SubscribeRequest(string Topic, string ConsumerId, IReadOnlyDictionary<string, string> Metadata);
