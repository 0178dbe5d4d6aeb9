using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>What the sidecar is told about a message. Other answers mean different things to different brokers.</summary>
public enum DeliveryStatus
{
    Success,

    /// <summary>Deliver it again later.</summary>
    Retry,

    /// <summary>Nobody here will ever be able to handle it: a dead letter.</summary>
    Drop,
}

/// <summary>One message as it arrived, whichever transport brought it.</summary>
/// <param name="Topic">The topic that it came on.</param>
/// <param name="EventId">Empty when the message has none.</param>
/// <param name="Type">The CloudEvents type; empty when the message has none.</param>
/// <param name="Data">The payload; undefined when the message has none.</param>
/// <param name="Envelope">The whole CloudEvent.</param>
public sealed record Delivery(string Topic, string EventId, string Type, JsonElement Data, JsonElement Envelope = default)
{
    /// <summary>What the transport said beside the message, such as the broker's own headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>When it was published; null when the transport does not say, as gRPC, or when it is bytes.</summary>
    public DateTimeOffset? PublishedAt =>
        DateTimeOffset.TryParse(Text(Envelope, "time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>Where its publisher's trace goes on; default when it has none.</summary>
    public ActivityContext TraceContext => ActivityContext.TryParse(Text(Envelope, "traceparent"), Text(Envelope, "tracestate"), isRemote: true, out var context) ? context : default;

    /// <summary>Reads a CloudEvent in structured mode; what is missing stays empty.</summary>
    public static Delivery Of(string topic, JsonElement envelope) => new(
        topic, Text(envelope, "id"), Text(envelope, "type"),
        envelope.ValueKind == JsonValueKind.Object && envelope.TryGetProperty("data", out var data) ? data : default, envelope);

    /// <summary>A message whose bytes nobody has looked at: it has neither id nor type.</summary>
    public static Delivery OfBytes(string topic, JsonElement wrapper, IReadOnlyDictionary<string, string> headers) =>
        new(topic, "", "", default, wrapper) { Headers = headers };

    private static string Text(JsonElement envelope, string name) =>
        envelope.ValueKind == JsonValueKind.Object && envelope.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}

/// <summary>Thrown by a handler for a message that no repetition will make right: it is dropped and becomes a dead letter with this reason.</summary>
public sealed class UnprocessableMessageException(string reason) : Exception(reason);
