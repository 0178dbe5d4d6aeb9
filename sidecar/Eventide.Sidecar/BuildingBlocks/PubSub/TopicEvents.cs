using System.Runtime.InteropServices;
using System.Text.Json;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>CloudEvents as the messages of the gRPC callbacks, and their answers.</summary>
internal static class TopicEvents
{
    /// <summary>One message.</summary>
    public static TopicEventRequest Request(TopicSubscription subscription, string path, IncomingEvent message) => new()
    {
        Id = message.Text("id") ?? "",
        Source = message.Text("source") ?? "",
        Type = message.Text("type") ?? "",
        SpecVersion = message.Text("specversion") ?? "",
        DataContentType = message.Text("datacontenttype") ?? "",
        Topic = subscription.Topic,
        PubsubName = subscription.PubSub,
        Path = path,
        Data = Data(message),
        Extensions = Extensions(message.Envelope),
    };

    /// <summary>Many messages.</summary>
    public static TopicEventBulkRequest BulkRequest(
        TopicSubscription subscription, string path, IReadOnlyList<(string EntryId, IncomingEvent Message)> messages)
    {
        var request = new TopicEventBulkRequest
        {
            Id = Guid.NewGuid().ToString(),
            Topic = subscription.Topic,
            PubsubName = subscription.PubSub,
            Path = path,
            Type = "com.dapr.event.sent.bulk",
        };
        foreach (var (entryId, message) in messages)
        {
            var entry = new TopicEventBulkRequestEntry { EntryId = entryId };
            if (subscription.HasRawPayload)
            {
                entry.Bytes = UnsafeByteOperations.UnsafeWrap(message.Message.Data);
                entry.ContentType = message.Message.ContentType ?? "application/octet-stream";
            }
            else
            {
                entry.CloudEvent = new TopicEventCERequest
                {
                    Id = message.Text("id") ?? "",
                    Source = message.Text("source") ?? "",
                    Type = message.Text("type") ?? "",
                    SpecVersion = message.Text("specversion") ?? "",
                    DataContentType = message.Text("datacontenttype") ?? "",
                    Data = Data(message),
                    Extensions = Extensions(message.Envelope),
                };
                entry.ContentType = CloudEventEnvelope.ContentType;
            }

            foreach (var (name, value) in message.Message.Metadata)
            {
                entry.Metadata[name] = value;
            }

            request.Entries.Add(entry);
        }

        return request;
    }

    /// <summary>What the app's status means. Throws <see cref="DeliveryException"/> for RETRY.</summary>
    public static DeliveryResult Result(TopicEventResponse.Types.TopicEventResponseStatus status) => status switch
    {
        TopicEventResponse.Types.TopicEventResponseStatus.Success => DeliveryResult.Done,
        TopicEventResponse.Types.TopicEventResponseStatus.Drop => DeliveryResult.Dropped,
        _ => throw new DeliveryException("the app answered RETRY"),
    };

    private static Struct Extensions(JsonElement envelope)
    {
        var extensions = new Struct();
        foreach (var attribute in envelope.EnumerateObject())
        {
            if (attribute.Name is not ("id" or "source" or "type" or "specversion" or "datacontenttype" or "data" or "data_base64" or "topic" or "pubsubname"))
            {
                extensions.Fields[attribute.Name] = Value(attribute.Value);
            }
        }

        return extensions;
    }

    private static Value Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => new Value { StringValue = element.GetString() },
        JsonValueKind.Number => new Value { NumberValue = element.GetDouble() },
        JsonValueKind.True or JsonValueKind.False => new Value { BoolValue = element.GetBoolean() },
        JsonValueKind.Object => new Value
        {
            StructValue = new Struct { Fields = { element.EnumerateObject().GroupBy(p => p.Name).ToDictionary(p => p.Key, p => Value(p.Last().Value)) } },
        },
        JsonValueKind.Array => new Value { ListValue = new ListValue { Values = { element.EnumerateArray().Select(Value) } } },
        _ => new Value { NullValue = NullValue.NullValue },
    };

    private static ByteString Data(IncomingEvent message)
    {
        if (message.Envelope.TryGetProperty("data_base64", out var base64) && base64.ValueKind == JsonValueKind.String)
        {
            return UnsafeByteOperations.UnsafeWrap(base64.GetBytesFromBase64());
        }

        if (!message.Envelope.TryGetProperty("data", out var data))
        {
            return ByteString.Empty;
        }

        var isText = data.ValueKind == JsonValueKind.String
            && !CloudEventEnvelope.IsJson(CloudEventEnvelope.MediaType(message.Text("datacontenttype") ?? "application/json"));
        return isText ? ByteString.CopyFromUtf8(data.GetString()!) : ByteString.CopyFrom(JsonMarshal.GetRawUtf8Value(data));
    }
}
