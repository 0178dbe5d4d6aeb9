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
            Complete(json, pubsub, data.Span, trace, Text(now), expiration is not null);
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

    // Everything that stays is copied as it is, not taken apart: a message is some hundred bytes of data and a dozen attributes.
    private static void Complete(Utf8JsonWriter json, string pubsub, ReadOnlySpan<byte> data, TraceFields trace, string now, bool expires)
    {
        try
        {
            var given = default(GivenAttributes);
            var reader = new Utf8JsonReader(data);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw PubSubErrors.CloudEvent(pubsub);
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
                reader.Read();
                var begin = (int)reader.TokenStartIndex;
                var isNull = reader.TokenType == JsonTokenType.Null;
                reader.Skip();
                var value = data[begin..(int)reader.BytesConsumed];
                if (isNull || name.SequenceEqual("topic"u8) || name.SequenceEqual("pubsubname"u8) || (expires && name.SequenceEqual("expiration"u8)) || given.TryHold(name, value))
                {
                    continue;
                }

                given.Note(name);
                json.WritePropertyName(name);
                json.WriteRawValue(value, skipInputValidation: true);
            }

            // Nothing may come after it.
            reader.Read();
            given.WriteMissing(json, trace, now);
        }
        catch (JsonException)
        {
            throw PubSubErrors.CloudEvent(pubsub);
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

    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString(Instant, CultureInfo.InvariantCulture);

    private readonly record struct TraceFields(string Parent, string State);

    /// <summary>Which attributes a publisher has written itself. A trace of its own counts only with its id.</summary>
    private ref struct GivenAttributes
    {
        private bool _specVersion;
        private bool _source;
        private bool _type;
        private bool _time;
        private bool _traceState;
        private ReadOnlySpan<byte> _traceId;
        private ReadOnlySpan<byte> _traceParent;

        public bool TryHold(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
        {
            if (name.SequenceEqual("traceid"u8))
            {
                _traceId = value;
                return true;
            }

            if (name.SequenceEqual("traceparent"u8))
            {
                _traceParent = value;
                return true;
            }

            return false;
        }

        public void Note(ReadOnlySpan<byte> name)
        {
            _specVersion |= name.SequenceEqual("specversion"u8);
            _source |= name.SequenceEqual("source"u8);
            _type |= name.SequenceEqual("type"u8);
            _time |= name.SequenceEqual("time"u8);
            _traceState |= name.SequenceEqual("tracestate"u8);
        }

        public readonly void WriteMissing(Utf8JsonWriter json, TraceFields trace, string now)
        {
            Write(json, _specVersion, "specversion"u8, "1.0");
            Write(json, _source, "source"u8, "Dapr");
            Write(json, _type, "type"u8, "com.dapr.event.sent");
            Write(json, _time, "time"u8, now);
            Write(json, _traceState, "tracestate"u8, trace.State);
            if (_traceId.Length == 0)
            {
                json.WriteString("traceid"u8, trace.Parent);
                json.WriteString("traceparent"u8, trace.Parent);
                return;
            }

            json.WritePropertyName("traceid"u8);
            json.WriteRawValue(_traceId, skipInputValidation: true);
            if (_traceParent.Length > 0)
            {
                json.WritePropertyName("traceparent"u8);
                json.WriteRawValue(_traceParent, skipInputValidation: true);
            }
        }

        private static void Write(Utf8JsonWriter json, bool isGiven, ReadOnlySpan<byte> name, string value)
        {
            if (!isGiven)
            {
                json.WriteString(name, value);
            }
        }
    }
}
