using System.Buffers;
using System.Text.Json;
using Eventide.Contracts;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>Events as they go over the wire: a whole CloudEvent, in structured mode (CloudEvents 1.0, JSON format).</summary>
internal static class CloudEvents
{
    public const string ContentType = "application/cloudevents+json";

    // The data is some hundred bytes in most events, and so is what is around it.
    private const int UsualLength = 1024;

    public static ReadOnlyMemory<byte> Bytes<TEvent>(TEvent message, string source, DateTimeOffset time) where TEvent : IEvent
    {
        var buffer = new ArrayBufferWriter<byte>(UsualLength);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("specversion"u8, "1.0"u8);
        json.WriteString("id"u8, Id(message));
        json.WriteString("source"u8, source);
        json.WriteString("type"u8, TEvent.Type);
        json.WriteString("subject"u8, message.Subject);
        json.WriteString("time"u8, time);
        json.WriteString("datacontenttype"u8, "application/json"u8);
        json.WriteString("partitionkey"u8, message.Subject);
        if (message is IOrderFact fact)
        {
            json.WriteNumber("orderversion"u8, fact.OrderVersion);
        }

        if (message is IExpiringRequest request)
        {
            json.WriteString("notafter"u8, request.NotAfter);
        }

        if (MessageInHand.EventId is { } cause)
        {
            json.WriteString("causationid"u8, cause);
        }

        json.WritePropertyName("data"u8);
        JsonSerializer.Serialize(json, message, EventHandlingExtensions.Json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static string Id<TEvent>(TEvent message) where TEvent : IEvent => message switch
    {
        IOrderFact fact => OrderIds.Fact(fact.OrderId, fact.OrderVersion),
        IOrderEvent order => OrderIds.Event(order.OrderId, TEvent.Type),
        IVehicleEvent vehicle => vehicle.EventId,
        _ => throw new ArgumentException($"{TEvent.Type} is an event of neither an order nor a vehicle, so it has no id.", nameof(message)),
    };
}
