using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Eventide.Sidecar.BuildingBlocks.PubSub;

namespace Eventide.Sidecar.Api.Http;

/// <summary>
/// Reads the body of a bulk publish: an array of entryId, event, contentType and metadata. What an event looks like follows from its content type: bytes
/// are base64, text is a string, JSON is itself (Dapr: pkg/api/http/pubsub.go).
/// </summary>
internal static class BulkBody
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    /// <summary>The entries in their order. Throws Dapr's errors for what cannot be read.</summary>
    public static IReadOnlyList<BulkEntry> Read(ReadOnlyMemory<byte> body, string pubsub, string topic)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Array
                ? [.. document.RootElement.EnumerateArray().Select(entry => Entry(entry, pubsub, topic))]
                : throw PubSubErrors.Entries(pubsub, topic, "the body is not an array of entries");
        }
        catch (JsonException failure)
        {
            throw PubSubErrors.Entries(pubsub, topic, failure.Message);
        }
    }

    private static BulkEntry Entry(JsonElement entry, string pubsub, string topic)
    {
        if (entry.ValueKind != JsonValueKind.Object)
        {
            throw PubSubErrors.Entries(pubsub, topic, "an entry is not an object");
        }

        var contentType = Text(entry, "contentType") is { Length: > 0 } given ? given : "text/plain";
        var data = entry.TryGetProperty("event", out var value) ? Bytes(value, CloudEventEnvelope.MediaType(contentType)) : null;
        return new BulkEntry(Text(entry, "entryId") ?? "", data ?? throw PubSubErrors.EntryContentType(pubsub, topic), contentType, Metadata(entry));
    }

    private static byte[]? Bytes(JsonElement value, string mediaType)
    {
        if (CloudEventEnvelope.IsJson(mediaType))
        {
            return JsonMarshal.GetRawUtf8Value(value).ToArray();
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        return mediaType is not ("application/octet-stream" or "application/cloudevents+protobuf") ? Encoding.UTF8.GetBytes(value.GetString()!)
            : value.TryGetBytesFromBase64(out var bytes) ? bytes
            : null;
    }

    private static IReadOnlyDictionary<string, string> Metadata(JsonElement entry)
    {
        if (!entry.TryGetProperty("metadata", out var given) || given.ValueKind != JsonValueKind.Object)
        {
            return NoMetadata;
        }

        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in given.EnumerateObject())
        {
            metadata[property.Name] = property.Value.ToString();
        }

        return metadata;
    }

    private static string? Text(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
