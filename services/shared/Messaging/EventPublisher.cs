using System.Text.Json;
using Dapr.Client;
using Eventide.Contracts;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>
/// Publishes whole CloudEvents whose id follows from the order (<see cref="OrderIds"/>), so that publishing twice is recognisable and what must have been
/// published follows from the state alone. Thread-safe.
/// </summary>
public sealed class EventPublisher(DaprClient dapr, ServiceIdentity service, TimeProvider time) : IEventPublisher
{
    /// <inheritdoc/>
    public async Task PublishAsync<TEvent>(TEvent message, CancellationToken cancellationToken) where TEvent : IEvent
    {
        var envelope = new Dictionary<string, object?>
        {
            ["specversion"] = "1.0",
            ["id"] = OrderIds.Event(message),
            ["source"] = service.AppId,
            ["type"] = TEvent.Type,
            ["subject"] = message.OrderId,
            ["time"] = time.GetUtcNow(),
            ["datacontenttype"] = "application/json",
            ["partitionkey"] = message.OrderId,
            ["data"] = message,
        };
        if (message is IOrderFact fact)
        {
            envelope["orderversion"] = fact.OrderVersion;
        }

        if (message is IExpiringRequest request)
        {
            envelope["notafter"] = request.NotAfter;
        }

        if (MessageInHand.EventId is { } cause)
        {
            envelope["causationid"] = cause;
        }

        await dapr.PublishByteEventAsync(
            Topics.PubSub, TEvent.Topic, JsonSerializer.SerializeToUtf8Bytes(envelope, EventHandlingExtensions.Json), "application/cloudevents+json",
            new Dictionary<string, string> { ["partitionKey"] = message.OrderId }, cancellationToken);
    }
}
