using Eventide.Sidecar.Api;
using Grpc.Core;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>The errors of the workflow API (Dapr: pkg/messages/predefined.go, durabletask-go api).</summary>
internal static class WorkflowErrors
{
    public static ApiException NoActorStateStore() => new(
        500, StatusCode.Internal, "ERR_ACTOR_RUNTIME_NOT_FOUND",
        "the state store is not configured to use the actor runtime. Have you set the - name: actorStateStore value: \"true\" in your state store component file?");

    public static ApiException AlreadyExists(string id) => new(
        409, StatusCode.AlreadyExists, "ERR_START_WORKFLOW", $"failed to create workflow instance: an active workflow with ID '{id}' already exists");

    public static ApiException NoSuchInstance(string id) => new(
        404, StatusCode.NotFound, "ERR_INSTANCE_ID_NOT_FOUND", $"unable to find workflow with the provided instance ID: {id}: no such instance exists");

    public static ApiException NotCompleted(string id) => new(
        500, StatusCode.FailedPrecondition, "ERR_PURGE_WORKFLOW", $"error purging workflow '{id}': orchestration has not yet completed");

    public static ApiException Invalid(string code, string message) => new(400, StatusCode.InvalidArgument, code, message);
}
