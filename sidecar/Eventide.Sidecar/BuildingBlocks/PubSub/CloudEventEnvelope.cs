using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Eventide.Sidecar.Api;
using Grpc.Core;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>Builds the CloudEvent that goes to the broker (Dapr: components-contrib pubsub/envelope.go, pkg/runtime/pubsub/cloudevents.go).</summary>
internal static class CloudEventEnvelope
{
    /// <summary>The content type of a whole CloudEvent.</summary>
    public const string ContentType = "application/cloudevents+json";

    /// <summary>Wraps or completes <paramref name="data"/>.</summary>
    public static byte[] Build(
        string appId, string pubsub, string topic, ReadOnlyMemory<byte> data, string contentType, IReadOnlyDictionary<string, string> metadata,
        string? traceParent, string? traceState, TimeProvider time, bool brokerExpires)
    {
        var type = MediaType(contentType);
        var envelope = type == ContentType ? Parse(data) : Wrap(appId, data, contentType, type, metadata);
        envelope["topic"] = topic;
        envelope["pubsubname"] = pubsub;
        envelope["specversion"] ??= "1.0";
        envelope["source"] ??= "Dapr";
        envelope["type"] ??= "com.dapr.event.sent";
        envelope["time"] ??= time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssK", CultureInfo.InvariantCulture);
        if (envelope["traceid"] is null)
        {
            var parent = metadata.GetValueOrDefault("cloudevent.traceparent") ?? traceParent ?? metadata.GetValueOrDefault("cloudevent.traceid") ?? "";
            envelope["traceid"] = parent;
            envelope["traceparent"] = parent;
        }

        envelope["tracestate"] ??= metadata.GetValueOrDefault("cloudevent.tracestate") ?? traceState ?? "";
        if (!brokerExpires && metadata.TryGetValue("ttlInSeconds", out var ttl) && long.TryParse(ttl, out var seconds) && seconds > 0)
        {
            envelope["expiration"] = time.GetUtcNow().AddSeconds(seconds).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        }

        return JsonSerializer.SerializeToUtf8Bytes(envelope);
    }

    /// <summary>The envelope of a raw payload on its way to a subscriber that asked for it.</summary>
    public static byte[] WrapRaw(string pubsub, string topic, ReadOnlyMemory<byte> data) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["id"] = Guid.NewGuid().ToString(),
        ["specversion"] = "1.0",
        ["datacontenttype"] = "application/octet-stream",
        ["source"] = "Dapr",
        ["type"] = "com.dapr.event.sent",
        ["topic"] = topic,
        ["pubsubname"] = pubsub,
        ["data_base64"] = Convert.ToBase64String(data.Span),
    });

    private static string MediaType(string contentType) => contentType.Split(';', 2)[0].Trim().ToLowerInvariant();

    private static JsonObject Parse(ReadOnlyMemory<byte> data)
    {
        try
        {
            if (JsonNode.Parse(data.Span) is JsonObject envelope)
            {
                return envelope;
            }
        }
        catch (JsonException)
        {
            // Falls through to the error below.
        }

        throw new ApiException(500, StatusCode.InvalidArgument, "ERR_PUBSUB_CLOUD_EVENTS_SER", "cannot create cloudevent") { Reason = "DAPR_PUBSUB_CLOUD_EVENT_CREATION" };
    }

    private static JsonObject Wrap(
        string appId, ReadOnlyMemory<byte> data, string contentType, string mediaType, IReadOnlyDictionary<string, string> metadata)
    {
        var envelope = new JsonObject
        {
            ["id"] = metadata.GetValueOrDefault("cloudevent.id") ?? Guid.NewGuid().ToString(),
            ["specversion"] = "1.0",
            ["datacontenttype"] = contentType,
            ["source"] = metadata.GetValueOrDefault("cloudevent.source") ?? appId,
            ["type"] = metadata.GetValueOrDefault("cloudevent.type") ?? "com.dapr.event.sent",
        };
        if (metadata.TryGetValue("cloudevent.subject", out var subject))
        {
            envelope["subject"] = subject;
        }

        if (mediaType is "application/octet-stream" or "application/cloudevents+protobuf")
        {
            envelope["data_base64"] = Convert.ToBase64String(data.Span);
        }
        else
        {
            envelope["data"] = mediaType == "application/json" || mediaType.EndsWith("+json", StringComparison.Ordinal) ? JsonOrText(data) : Text(data);
        }

        return envelope;
    }

    private static JsonNode? JsonOrText(ReadOnlyMemory<byte> data)
    {
        try
        {
            return JsonNode.Parse(data.Span);
        }
        catch (JsonException)
        {
            return Text(data);
        }
    }

    private static string Text(ReadOnlyMemory<byte> data) => System.Text.Encoding.UTF8.GetString(data.Span);
}
