using Eventide.Contracts;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>The way out for events. Thread-safe.</summary>
public interface IEventPublisher
{
    /// <summary>Completes when the broker has the event. Publishing it again is recognisable by its id.</summary>
    /// <exception cref="Dapr.DaprException">The broker did not take it.</exception>
    Task PublishAsync<TEvent>(TEvent message, CancellationToken cancellationToken) where TEvent : IEvent;
}
