using Eventide.Sidecar.Api;
using Grpc.Core;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>The errors of the pub/sub API (Dapr: pkg/api/errors/pubsub.go).</summary>
internal static class PubSubErrors
{
    public static ApiException NotFound(string pubsub) => Error(404, StatusCode.InvalidArgument, "ERR_PUBSUB_NOT_FOUND", "DAPR_PUBSUB_NOT_FOUND", $"pubsub {pubsub} is not found", pubsub);

    public static ApiException EmptyTopic(string pubsub) => Error(404, StatusCode.InvalidArgument, "ERR_TOPIC_NAME_EMPTY", "DAPR_PUBSUB_TOPIC_NAME_EMPTY", $"topic is empty in pubsub {pubsub}", pubsub);

    public static ApiException Forbidden(string pubsub, string topic, string appId) =>
        Error(403, StatusCode.PermissionDenied, "ERR_PUBSUB_FORBIDDEN", "DAPR_PUBSUB_FORBIDDEN", $"topic {topic} is not allowed for app id {appId}", pubsub);

    public static ApiException PublishFailed(string pubsub, string topic, Exception failure) =>
        Error(500, StatusCode.Internal, "ERR_PUBSUB_PUBLISH_MESSAGE", "DAPR_PUBSUB_PUBLISH_MESSAGE", $"error when publishing to topic {topic} in pubsub {pubsub}: {failure.Message}", pubsub);

    public static ApiException EmptyName() =>
        Error(404, StatusCode.InvalidArgument, "ERR_PUBSUB_EMPTY", "DAPR_PUBSUB_NAME_EMPTY", "pubsub name is empty", "");

    public static ApiException RawPayload(string pubsub, string value) => Error(
        400, StatusCode.InvalidArgument, "ERR_PUBSUB_REQUEST_METADATA", "DAPR_PUBSUB_METADATA_DESERIALIZATION",
        $"failed deserializing metadata. Error: rawPayload is \"{value}\", not true or false", pubsub);

    public static ApiException CloudEvent(string pubsub) => Error(
        500, StatusCode.InvalidArgument, "ERR_PUBSUB_CLOUD_EVENTS_SER", "DAPR_PUBSUB_CLOUD_EVENT_CREATION", "cannot create cloudevent", pubsub);

    public static ApiException EntryId(string pubsub, string topic) => Error(
        400, StatusCode.InvalidArgument, "ERR_PUBSUB_EVENTS_SER", "DAPR_PUBSUB_MARSHAL_EVENTS",
        $"error marshaling events to bytes for topic {topic} pubsub {pubsub}. error: entryId is duplicated or not present for entry", pubsub);

    public static ApiException EntryContentType(string pubsub, string topic) => Error(
        400, StatusCode.InvalidArgument, "ERR_PUBSUB_EVENTS_SER", "DAPR_PUBSUB_MARSHAL_ENVELOPE",
        $"error when marshalling cloud event envelope for topic {topic} pubsub {pubsub}: error: mismatch between contentType and event", pubsub);

    public static ApiException Entries(string pubsub, string topic, string reason) => Error(
        400, StatusCode.InvalidArgument, "ERR_PUBSUB_EVENTS_SER", "DAPR_PUBSUB_UNMARSHAL_EVENTS",
        $"error when unmarshaling the request for topic {topic} pubsub {pubsub}: {reason}", pubsub);

    private static ApiException Error(int http, StatusCode grpc, string code, string reason, string message, string pubsub) =>
        new(http, grpc, code, message) { Reason = reason, ResourceType = "pubsub", ResourceName = pubsub };
}
