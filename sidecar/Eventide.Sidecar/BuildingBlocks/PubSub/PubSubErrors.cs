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

    private static ApiException Error(int http, StatusCode grpc, string code, string reason, string message, string pubsub) =>
        new(http, grpc, code, message) { Reason = reason, ResourceType = "pubsub", ResourceName = pubsub };
}
