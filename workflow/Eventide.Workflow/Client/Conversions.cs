using Eventide.Workflow.Protocol;
using EventKind = Eventide.Workflow.Protocol.HistoryEvent.EventTypeOneofCase;

namespace Dapr.Workflow.Client;

/// <summary>From the words of the wire to those of the public API.</summary>
internal static class Conversions
{
    public static WorkflowRuntimeStatus ToRuntimeStatus(this WorkflowStatus status) => status switch
    {
        WorkflowStatus.Running => WorkflowRuntimeStatus.Running,
        WorkflowStatus.Completed => WorkflowRuntimeStatus.Completed,
        WorkflowStatus.ContinuedAsNew => WorkflowRuntimeStatus.ContinuedAsNew,
        WorkflowStatus.Failed => WorkflowRuntimeStatus.Failed,
        WorkflowStatus.Canceled => WorkflowRuntimeStatus.Canceled,
        WorkflowStatus.Terminated => WorkflowRuntimeStatus.Terminated,
        WorkflowStatus.Pending => WorkflowRuntimeStatus.Pending,
        WorkflowStatus.Suspended => WorkflowRuntimeStatus.Suspended,
        WorkflowStatus.Stalled => WorkflowRuntimeStatus.Stalled,
        _ => WorkflowRuntimeStatus.Unknown,
    };

    public static WorkflowTaskFailureDetails ToFailureDetails(this TaskFailureDetails failure) =>
        new(failure.ErrorType, failure.ErrorMessage, string.IsNullOrEmpty(failure.StackTrace) ? null : failure.StackTrace);

    public static WorkflowHistoryEvent ToPublicEvent(this HistoryEvent historyEvent) =>
        new(historyEvent.EventId, ToPublicType(historyEvent.EventTypeCase), historyEvent.Timestamp?.ToDateTime() ?? DateTime.MinValue);

    private static WorkflowHistoryEventType ToPublicType(EventKind kind) => kind switch
    {
        EventKind.ExecutionStarted => WorkflowHistoryEventType.ExecutionStarted,
        EventKind.ExecutionCompleted => WorkflowHistoryEventType.ExecutionCompleted,
        EventKind.ExecutionTerminated => WorkflowHistoryEventType.ExecutionTerminated,
        EventKind.TaskScheduled => WorkflowHistoryEventType.TaskScheduled,
        EventKind.TaskCompleted => WorkflowHistoryEventType.TaskCompleted,
        EventKind.TaskFailed => WorkflowHistoryEventType.TaskFailed,
        EventKind.ChildWorkflowInstanceCreated => WorkflowHistoryEventType.SubOrchestrationInstanceCreated,
        EventKind.DetachedWorkflowInstanceCreated => WorkflowHistoryEventType.SubOrchestrationInstanceCreated,
        EventKind.ChildWorkflowInstanceCompleted => WorkflowHistoryEventType.SubOrchestrationInstanceCompleted,
        EventKind.ChildWorkflowInstanceFailed => WorkflowHistoryEventType.SubOrchestrationInstanceFailed,
        EventKind.TimerCreated => WorkflowHistoryEventType.TimerCreated,
        EventKind.TimerFired => WorkflowHistoryEventType.TimerFired,
        EventKind.WorkflowStarted => WorkflowHistoryEventType.OrchestratorStarted,
        EventKind.WorkflowCompleted => WorkflowHistoryEventType.OrchestratorCompleted,
        EventKind.EventSent => WorkflowHistoryEventType.EventSent,
        EventKind.EventRaised => WorkflowHistoryEventType.EventRaised,
        EventKind.ContinueAsNew => WorkflowHistoryEventType.ContinueAsNew,
        EventKind.ExecutionSuspended => WorkflowHistoryEventType.ExecutionSuspended,
        EventKind.ExecutionResumed => WorkflowHistoryEventType.ExecutionResumed,
        EventKind.ExecutionStalled => WorkflowHistoryEventType.ExecutionStalled,
        _ => WorkflowHistoryEventType.Unknown,
    };
}
