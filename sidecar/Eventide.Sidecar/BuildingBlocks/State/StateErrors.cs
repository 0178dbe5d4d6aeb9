using Eventide.Sidecar.Api;
using Eventide.Sidecar.Components.State;
using Grpc.Core;

namespace Eventide.Sidecar.BuildingBlocks.State;

/// <summary>The errors of the state API (Dapr: pkg/messages/predefined.go, pkg/api/errors/state.go).</summary>
internal static class StateErrors
{
    public static ApiException NotConfigured(string store, string appId) =>
        new(500, StatusCode.FailedPrecondition, "ERR_STATE_STORE_NOT_CONFIGURED", $"state store {store} is not configured")
        {
            Reason = "DAPR_STATE_NOT_CONFIGURED",
            Metadata = new Dictionary<string, string> { ["appID"] = appId },
        };

    public static ApiException NotFound(string store) =>
        new(400, StatusCode.InvalidArgument, "ERR_STATE_STORE_NOT_FOUND", $"state store {store} is not found")
        {
            Reason = "DAPR_STATE_NOT_FOUND",
            ResourceType = "state",
            ResourceName = store,
        };

    public static ApiException IllegalKey(string key) =>
        new(400, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", $"input key/keyPrefix '{key}' can't contain '||'")
        {
            Reason = "DAPR_STATE_ILLEGAL_KEY",
            ResourceType = "state",
        };

    public static ApiException EmptyKey() => new(400, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", "state key cannot be empty");

    public static ApiException MissingKey() => new(400, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", "\"key\" is a required field");

    public static ApiException MalformedBody(string reason) =>
        new(400, StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST", $"failed deserializing HTTP body: {reason}");

    public static ApiException UnsupportedOperation(string operation) =>
        new(400, StatusCode.Unimplemented, "ERR_NOT_SUPPORTED_STATE_OPERATION", $"operation type {operation} not supported");

    public static ApiException QueryUnsupported(string store) =>
        new(500, StatusCode.Internal, "ERR_STATE_STORE_NOT_SUPPORTED", "state store does not support querying")
        {
            Reason = "DAPR_STATE_QUERYING_NOT_SUPPORTED",
            ResourceType = "state",
            ResourceName = store,
        };

    public static ApiException GetFailed(string key, string store, Exception failure) =>
        new(500, StatusCode.Internal, "ERR_STATE_GET", $"fail to get {key} from state store {store}: {failure.Message}");

    public static ApiException SaveFailed(string store, Exception failure) => failure switch
    {
        ETagMismatchException => new(409, StatusCode.Aborted, "ERR_STATE_SAVE",
            $"failed saving state in state store {store}: possible etag mismatch. error from state store: {failure.Message}"),
        ETagInvalidException => new(400, StatusCode.InvalidArgument, "ERR_STATE_SAVE",
            $"failed saving state in state store {store}: invalid etag value: {failure.Message}"),
        _ => new(500, StatusCode.Internal, "ERR_STATE_SAVE", $"failed saving state in state store {store}: {failure.Message}"),
    };

    public static ApiException DeleteFailed(string key, Exception failure) => failure switch
    {
        ETagMismatchException => new(409, StatusCode.Aborted, "ERR_STATE_DELETE",
            $"failed deleting state with key {key}: possible etag mismatch. error from state store: {failure.Message}"),
        ETagInvalidException => new(400, StatusCode.InvalidArgument, "ERR_STATE_DELETE",
            $"failed deleting state with key {key}: invalid etag value: {failure.Message}"),
        _ => new(500, StatusCode.Internal, "ERR_STATE_DELETE", $"failed deleting state with key {key}: {failure.Message}"),
    };

    public static ApiException TransactionFailed(Exception failure) =>
        new(500, StatusCode.Internal, "ERR_STATE_TRANSACTION", $"error while executing state transaction: {failure.Message}");
}
