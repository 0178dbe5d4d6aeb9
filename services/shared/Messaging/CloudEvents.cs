using System.Text.Json;
using Eventide.Contracts;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>Events as they go over the wire: a whole CloudEvent, in structured mode (CloudEvents 1.0, JSON format).</summary>
internal static class CloudEvents
{
    public const string ContentType = "application/cloudevents+json";

    public static byte[] Bytes<TEvent>(TEvent message, string source, DateTimeOffset time) where TEvent : IEvent
    {
        var envelope = new Dictionary<string, object?>
        {
            ["specversion"] = "1.0",
            ["id"] = Id(message),
            ["source"] = source,
            ["type"] = TEvent.Type,
            ["subject"] = message.Subject,
            ["time"] = time,
            ["datacontenttype"] = "application/json",
            ["partitionkey"] = message.Subject,
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

        return JsonSerializer.SerializeToUtf8Bytes(envelope, EventHandlingExtensions.Json);
    }

    private static string Id<TEvent>(TEvent message) where TEvent : IEvent => message switch
    {
        IOrderFact fact => OrderIds.Fact(fact.OrderId, fact.OrderVersion),
        IOrderEvent order => OrderIds.Event(order.OrderId, TEvent.Type),
        IVehicleEvent vehicle => vehicle.EventId,
        _ => throw new ArgumentException($"{TEvent.Type} is an event of neither an order nor a vehicle, so it has no id.", nameof(message)),
    };
}
