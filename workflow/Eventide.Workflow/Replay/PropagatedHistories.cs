using Eventide.Workflow.Protocol;
using Kind = Eventide.Workflow.Protocol.HistoryEvent.EventTypeOneofCase;

namespace Dapr.Workflow.Replay;

/// <summary>Reads the histories that ancestors handed on.</summary>
internal static class PropagatedHistories
{
    public static Dapr.Workflow.PropagatedHistory? Read(Eventide.Workflow.Protocol.PropagatedHistory? wire) =>
        wire is { Chunks.Count: > 0 } ? new Dapr.Workflow.PropagatedHistory([.. wire.Chunks.Select(ReadChunk)]) : null;

    private static PropagatedHistoryEvent ReadChunk(PropagatedHistoryChunk chunk)
    {
        var events = chunk.RawEvents.Select(HistoryEvent.Parser.ParseFrom).ToList();
        var outcomes = new Dictionary<int, HistoryEvent>();
        foreach (var e in events)
        {
            if (CallOf(e) is { } call)
                outcomes[call] = e;
        }

        return new PropagatedHistoryEvent(
            chunk.InstanceId,
            chunk.AppId,
            chunk.WorkflowName,
            [.. events.Where(e => e.EventTypeCase == Kind.TaskScheduled).Select(e => ReadActivity(e, outcomes.GetValueOrDefault(e.EventId)))],
            [.. events.Where(e => e.EventTypeCase == Kind.ChildWorkflowInstanceCreated).Select(e => ReadChild(e, outcomes.GetValueOrDefault(e.EventId)))]);
    }

    /// <summary>The call that an event is the outcome of; null for other events.</summary>
    private static int? CallOf(HistoryEvent e) => e.EventTypeCase switch
    {
        Kind.TaskCompleted => e.TaskCompleted.TaskScheduledId,
        Kind.TaskFailed => e.TaskFailed.TaskScheduledId,
        Kind.ChildWorkflowInstanceCompleted => e.ChildWorkflowInstanceCompleted.TaskScheduledId,
        Kind.ChildWorkflowInstanceFailed => e.ChildWorkflowInstanceFailed.TaskScheduledId,
        _ => null,
    };

    private static PropagatedHistoryActivityResult ReadActivity(HistoryEvent scheduled, HistoryEvent? outcome) => new(
        scheduled.TaskScheduled.Name,
        outcome is null ? PropagatedHistoryStatus.Pending : outcome.TaskFailed is null ? PropagatedHistoryStatus.Completed : PropagatedHistoryStatus.Failed,
        scheduled.TaskScheduled.Input,
        outcome?.TaskCompleted?.Result,
        Failure(outcome?.TaskFailed?.FailureDetails));

    private static PropagatedHistoryWorkflowResult ReadChild(HistoryEvent created, HistoryEvent? outcome) => new(
        created.ChildWorkflowInstanceCreated.Name,
        outcome is null ? PropagatedHistoryStatus.Pending
            : outcome.ChildWorkflowInstanceFailed is null ? PropagatedHistoryStatus.Completed : PropagatedHistoryStatus.Failed,
        outcome?.ChildWorkflowInstanceCompleted?.Result,
        Failure(outcome?.ChildWorkflowInstanceFailed?.FailureDetails));

    private static WorkflowTaskFailureDetails? Failure(TaskFailureDetails? details) =>
        details is null ? null : new WorkflowTaskFailureDetails(details.ErrorType, details.ErrorMessage, details.StackTrace);
}
