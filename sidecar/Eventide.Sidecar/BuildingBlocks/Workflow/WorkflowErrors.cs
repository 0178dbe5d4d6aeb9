using Eventide.Sidecar.Api;
using Grpc.Core;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>The errors of the workflow APIs (Dapr: pkg/messages/predefined.go, durabletask-go api).</summary>
internal static class WorkflowErrors
{
    /// <summary>The management API's own limit, because some stores limit keys.</summary>
    public const int MaxIdLength = 64;

    private const string NoSuchInstanceText = "no such instance exists";
    private const string NotCompletedText = "orchestration has not yet completed";

    public static ApiException NoActorStateStore() => new(
        500, StatusCode.Internal, "ERR_ACTOR_RUNTIME_NOT_FOUND",
        "the state store is not configured to use the actor runtime. Have you set the - name: actorStateStore value: \"true\" in your state store component file?");

    public static ApiException Stopping() => new(503, StatusCode.Unavailable, "ERR_ACTOR_RUNTIME_CLOSED", "the workflow engine is stopping; try again when the sidecar is back");

    public static ApiException Paused() => new(
        503, StatusCode.Unavailable, "ERR_ACTOR_RUNTIME_CLOSED", "the workflows pause while their store is out of reach or belongs to another process; try again soon");

    public static ApiException AlreadyExists(string id) => new(
        409, StatusCode.AlreadyExists, "ERR_START_WORKFLOW", $"failed to create workflow instance: an active workflow with ID '{id}' already exists");

    public static ApiException NoSuchInstance(string id) => new(
        404, StatusCode.NotFound, "ERR_INSTANCE_ID_NOT_FOUND", $"unable to find workflow with the provided instance ID: {id}: {NoSuchInstanceText}");

    public static ApiException NotFound(string id) => new(
        404, StatusCode.NotFound, "ERR_INSTANCE_ID_NOT_FOUND", $"unable to find workflow with the provided instance ID: {id}");

    public static ApiException NotCompleted(string id) => new(
        500, StatusCode.FailedPrecondition, "ERR_PURGE_WORKFLOW", $"workflow '{id}': {NotCompletedText}");

    public static ApiException CannotRerun(string reason) => new(400, StatusCode.InvalidArgument, "ERR_RERUN_WORKFLOW", reason);

    public static ApiException NothingToRerun(string reason) => new(404, StatusCode.NotFound, "ERR_RERUN_WORKFLOW", reason);

    public static ApiException UnusableId(string id) => new(
        400, StatusCode.InvalidArgument, "ERR_INSTANCE_ID_INVALID", $"workflow instance ID '{id}' is invalid: it must not be empty and must not contain ||");

    public static ApiException IdMissing() => new(400, StatusCode.InvalidArgument, "ERR_INSTANCE_ID_PROVIDED_MISSING", "no instance ID was provided");

    public static ApiException IdTooLong() => new(
        400, StatusCode.InvalidArgument, "ERR_INSTANCE_ID_TOO_LONG", $"workflow instance ID exceeds the max length of {MaxIdLength} characters");

    public static ApiException IdInvalid(string id) => new(
        400, StatusCode.InvalidArgument, "ERR_INSTANCE_ID_INVALID",
        $"workflow instance ID '{id}' is invalid: only alphanumeric and underscore characters are allowed");

    public static ApiException NameMissing() => new(400, StatusCode.InvalidArgument, "ERR_WORKFLOW_NAME_MISSING", "workflow name is not configured");

    public static ApiException EventNameMissing() => new(400, StatusCode.InvalidArgument, "ERR_WORKFLOW_EVENT_NAME_MISSING", "missing workflow event name");

    /// <summary>Any other failure of an operation of the management API, such as ("ERR_PAUSE_WORKFLOW", "pausing").</summary>
    public static ApiException Failed(string errorCode, string verb, string subject, Exception cause) => new(
        500, StatusCode.Internal, errorCode, $"error {verb} workflow '{subject}': {Text(cause)}");

    // Inside such a sentence daprd names the cause alone.
    private static string Text(Exception cause) => cause is not ApiException error ? cause.Message : error.ErrorCode switch
    {
        "ERR_INSTANCE_ID_NOT_FOUND" => NoSuchInstanceText,
        "ERR_PURGE_WORKFLOW" => NotCompletedText,
        _ => error.Message,
    };
}
