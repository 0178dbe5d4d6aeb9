using Eventide.Contracts;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>The way out for events. Thread-safe.</summary>
public interface IEventPublisher
{
    /// <summary>Completes when the broker has the event. Publishing it again is recognisable by its id.</summary>
    /// <param name="occurredAt">
    /// When it happened, where a record knows; null: now. A copy that is published later must not say that it happened later, because it may be the one that is read first.
    /// </param>
    /// <exception cref="Dapr.DaprException">The broker did not take it.</exception>
    Task PublishAsync<TEvent>(TEvent message, CancellationToken cancellationToken, DateTimeOffset? occurredAt = null) where TEvent : IEvent;
}
