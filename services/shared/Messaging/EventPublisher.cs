using Dapr.Client;
using Eventide.Contracts;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>
/// Publishes whole CloudEvents whose id follows from what happened, so that publishing twice is recognisable and what must have been published follows from the
/// state alone. Thread-safe.
/// </summary>
public sealed class EventPublisher(DaprClient dapr, ServiceIdentity service, TimeProvider time) : IEventPublisher
{
    /// <inheritdoc/>
    public Task PublishAsync<TEvent>(TEvent message, CancellationToken cancellationToken, DateTimeOffset? occurredAt = null) where TEvent : IEvent => dapr.PublishByteEventAsync(
        Topics.PubSub, TEvent.Topic, CloudEvents.Bytes(message, service.AppId, occurredAt ?? time.GetUtcNow()), CloudEvents.ContentType,
        new Dictionary<string, string> { ["partitionKey"] = message.Subject }, cancellationToken);
}
