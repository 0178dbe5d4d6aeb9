namespace Eventide.Sidecar.Components.PubSub.Redis;

/// <summary>How messages are fetched, handled and kept (Dapr: pubsub/redis).</summary>
/// <param name="ProcessingTimeout">A message that has been unacknowledged for so long comes again; zero never.</param>
/// <param name="RedeliverInterval">How often such messages are looked for; zero never.</param>
/// <param name="QueueDepth">At most so many messages of a subscription are fetched and unacknowledged.</param>
/// <param name="Concurrency">So many handlers of a subscription run at once.</param>
/// <param name="MaxLength">About so many messages of a topic are kept, read or not; zero keeps all.</param>
/// <param name="StreamTtl">A message is kept for about so long, read or not; zero for ever. <paramref name="MaxLength"/> goes before it, as in Dapr.</param>
internal sealed record RedisPubSubOptions(
    TimeSpan ProcessingTimeout, TimeSpan RedeliverInterval, int QueueDepth, int Concurrency, long MaxLength, TimeSpan StreamTtl)
{
    /// <summary>Whether what nobody acknowledges comes again.</summary>
    public bool Redelivers => ProcessingTimeout > TimeSpan.Zero && RedeliverInterval > TimeSpan.Zero;
}
