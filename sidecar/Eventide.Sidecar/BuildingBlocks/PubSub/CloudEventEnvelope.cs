using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Eventide.Sidecar.Api;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>
/// Builds the CloudEvent that goes to the broker (Dapr: components-contrib pubsub/envelope.go, pkg/runtime/pubsub/cloudevents.go). JSON data passes through
/// as it was written: numbers keep their digits.
/// </summary>
internal static class CloudEventEnvelope
{
    /// <summary>The content type of a whole CloudEvent.</summary>
    public const string ContentType = "application/cloudevents+json";

    private const string Instant = "yyyy-MM-ddTHH:mm:ssZ";

    // Only parsers of JSON read this, so nothing beyond JSON's own needs escaping.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Wraps or completes <paramref name="data"/>. Throws when it claims to be a CloudEvent and is not a JSON object.</summary>
    public static ReadOnlyMemory<byte> Build(
        string appId, string pubsub, string topic, ReadOnlyMemory<byte> data, string contentType, IReadOnlyDictionary<string, string> metadata,
        string? traceParent, string? traceState, TimeProvider time, bool brokerExpires)
    {
        var buffer = new ArrayBufferWriter<byte>(data.Length + 512);
        using var json = new Utf8JsonWriter(buffer, Options);
        var now = time.GetUtcNow();
        var expiration = !brokerExpires && metadata.TryGetValue("ttlInSeconds", out var ttl) && long.TryParse(ttl, out var seconds) && seconds > 0
            ? Text(now.AddSeconds(seconds))
            : null;
        var trace = new TraceFields(
            metadata.GetValueOrDefault("cloudevent.traceparent") ?? traceParent ?? metadata.GetValueOrDefault("cloudevent.traceid") ?? "",
            metadata.GetValueOrDefault("cloudevent.tracestate") ?? traceState ?? "");
        json.WriteStartObject();
        if (MediaType(contentType) is var type && type == ContentType)
        {
            Complete(json, pubsub, data, trace, Text(now), expiration is not null);
        }
        else
        {
            Wrap(json, appId, data, contentType, type, metadata, trace, Text(now));
        }

        json.WriteString("topic", topic);
        json.WriteString("pubsubname", pubsub);
        if (expiration is not null)
        {
            json.WriteString("expiration", expiration);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>The envelope of a raw payload on its way to a subscriber that asked for it.</summary>
    public static ReadOnlyMemory<byte> WrapRaw(string pubsub, string topic, ReadOnlyMemory<byte> data)
    {
        var buffer = new ArrayBufferWriter<byte>((data.Length * 4 / 3) + 256);
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartObject();
        json.WriteString("id", Guid.NewGuid());
        json.WriteString("specversion", "1.0");
        json.WriteString("datacontenttype", "application/octet-stream");
        json.WriteString("source", "Dapr");
        json.WriteString("type", "com.dapr.event.sent");
        json.WriteString("topic", topic);
        json.WriteString("pubsubname", pubsub);
        json.WriteBase64String("data_base64", data.Span);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void Complete(Utf8JsonWriter json, string pubsub, ReadOnlyMemory<byte> data, TraceFields trace, string now, bool expires)
    {
        using var document = Parse(pubsub, data);
        var given = document.RootElement;
        var traced = Has(given, "traceid");
        foreach (var attribute in given.EnumerateObject())
        {
            var replaced = attribute.Value.ValueKind == JsonValueKind.Null || attribute.Name switch
            {
                "topic" or "pubsubname" => true,
                "traceid" or "traceparent" => !traced,
                "expiration" => expires,
                _ => false,
            };
            if (!replaced)
            {
                attribute.WriteTo(json);
            }
        }

        WriteMissing(json, given, "specversion", "1.0");
        WriteMissing(json, given, "source", "Dapr");
        WriteMissing(json, given, "type", "com.dapr.event.sent");
        WriteMissing(json, given, "time", now);
        WriteMissing(json, given, "tracestate", trace.State);
        if (!traced)
        {
            json.WriteString("traceid", trace.Parent);
            json.WriteString("traceparent", trace.Parent);
        }
    }

    private static void Wrap(
        Utf8JsonWriter json, string appId, ReadOnlyMemory<byte> data, string contentType, string mediaType, IReadOnlyDictionary<string, string> metadata,
        TraceFields trace, string now)
    {
        json.WriteString("id", metadata.GetValueOrDefault("cloudevent.id") ?? Guid.NewGuid().ToString());
        json.WriteString("specversion", "1.0");
        json.WriteString("datacontenttype", contentType);
        json.WriteString("source", metadata.GetValueOrDefault("cloudevent.source") ?? appId);
        json.WriteString("type", metadata.GetValueOrDefault("cloudevent.type") ?? "com.dapr.event.sent");
        json.WriteString("time", now);
        json.WriteString("traceid", trace.Parent);
        json.WriteString("traceparent", trace.Parent);
        json.WriteString("tracestate", trace.State);
        if (metadata.TryGetValue("cloudevent.subject", out var subject))
        {
            json.WriteString("subject", subject);
        }

        if (mediaType is "application/octet-stream" or "application/cloudevents+protobuf")
        {
            json.WriteBase64String("data_base64", data.Span);
        }
        else if (IsJson(mediaType) && JsonText.IsValid(data.Span))
        {
            json.WritePropertyName("data");
            json.WriteRawValue(data.Span, skipInputValidation: true);
        }
        else
        {
            json.WriteString("data", Encoding.UTF8.GetString(data.Span));
        }
    }

    /// <summary>Whether the media type is one of JSON's.</summary>
    public static bool IsJson(string mediaType) => mediaType == "application/json" || mediaType.EndsWith("+json", StringComparison.Ordinal);

    /// <summary>The content type without parameters, in lower case.</summary>
    public static string MediaType(string contentType) =>
        contentType is "application/json" or ContentType ? contentType : contentType.Split(';', 2)[0].Trim().ToLowerInvariant();

    private static JsonDocument Parse(string pubsub, ReadOnlyMemory<byte> data)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(data);
        }
        catch (JsonException)
        {
            throw PubSubErrors.CloudEvent(pubsub);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return document;
        }

        document.Dispose();
        throw PubSubErrors.CloudEvent(pubsub);
    }

    private static bool Has(JsonElement envelope, string name) => envelope.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    private static void WriteMissing(Utf8JsonWriter json, JsonElement given, string name, string value)
    {
        if (!Has(given, name))
        {
            json.WriteString(name, value);
        }
    }

    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString(Instant, CultureInfo.InvariantCulture);

    private readonly record struct TraceFields(string Parent, string State);
}
