using Eventide.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>Makes the events that do not come from a worker; -1 is their id in Dapr too.</summary>
internal static class WorkflowEvents
{
    /// <summary>An event of now.</summary>
    public static HistoryEvent NewEvent(this TimeProvider time) => new() { EventId = -1, Timestamp = Timestamp.FromDateTimeOffset(time.GetUtcNow()) };

    public static HistoryEvent Raised(this TimeProvider time, string name, string? input)
    {
        var e = time.NewEvent();
        e.EventRaised = new EventRaisedEvent { Name = name, Input = input };
        return e;
    }

    public static HistoryEvent Terminated(this TimeProvider time, string? output, bool recurse)
    {
        var e = time.NewEvent();
        e.ExecutionTerminated = new ExecutionTerminatedEvent { Input = output, Recurse = recurse };
        return e;
    }

    public static HistoryEvent Stalled(this TimeProvider time, ExecutionStalledEvent stalled)
    {
        var e = time.NewEvent();
        e.ExecutionStalled = stalled;
        return e;
    }

    public static HistoryEvent Started(this TimeProvider time, string id, ExecutionStartedEvent started)
    {
        started.WorkflowInstance = new WorkflowInstance { InstanceId = id, ExecutionId = Guid.NewGuid().ToString("N") };
        var e = time.NewEvent();
        e.ExecutionStarted = started;
        return e;
    }

    public static HistoryEvent ChildFailed(this TimeProvider time, int taskId, TaskFailureDetails failure)
    {
        var e = time.NewEvent();
        e.ChildWorkflowInstanceFailed = new ChildWorkflowInstanceFailedEvent { TaskScheduledId = taskId, FailureDetails = failure };
        return e;
    }

    /// <summary>The app that a call is routed to, if it is not <paramref name="appId"/>.</summary>
    public static string? ForeignApp(this HistoryEvent call, string appId) =>
        call.Router is { HasTargetAppId: true, TargetAppId: { Length: > 0 } target } && target != appId ? target : null;

    /// <summary>Running such a call here would run another code of that name, or none.</summary>
    public static TaskFailureDetails ForeignAppFailure(string what, string app) => new()
    {
        ErrorType = "NotSupported",
        ErrorMessage = $"{what} belongs to app '{app}': the embedded sidecar runs activities and children of the workflow's own app only; use daprd for it.",
        IsNonRetriable = true,
    };

    /// <summary>What the parent learns of a child that has ended.</summary>
    public static HistoryEvent ChildEnded(this TimeProvider time, int taskId, ExecutionCompletedEvent completed)
    {
        if (completed.WorkflowStatus != WorkflowStatus.Completed)
        {
            return time.ChildFailed(taskId, completed.FailureDetails ?? new TaskFailureDetails
            {
                ErrorType = completed.WorkflowStatus.ToString(),
                ErrorMessage = $"The child workflow ended as {completed.WorkflowStatus}.",
            });
        }

        var e = time.NewEvent();
        e.ChildWorkflowInstanceCompleted = new ChildWorkflowInstanceCompletedEvent { TaskScheduledId = taskId, Result = completed.Result };
        return e;
    }
}
