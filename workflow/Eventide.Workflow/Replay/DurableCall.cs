using Eventide.Workflow.Protocol;

namespace Dapr.Workflow.Replay;

/// <summary>One durable call of the workflow's code. Its place in the order of calls is its id: that is how replay finds its outcome again.</summary>
/// <param name="action">What the code asked for.</param>
/// <param name="site">Where it asked; null unless call sites are recorded.</param>
internal sealed class DurableCall(WorkflowAction action, CallSite? site)
{
    /// <summary>What the code asked for.</summary>
    public WorkflowAction Action { get; } = action;

    /// <summary>Where it asked; null unless call sites are recorded.</summary>
    public CallSite? Site { get; } = site;

    /// <summary>
    /// The outcome; null for calls that have none. Continuations run inside the completion, on the turn's thread: that is the whole scheduler. A synchronization
    /// context would send every continuation behind ConfigureAwait(false) to the thread pool, out of the turn.
    /// </summary>
    public TaskCompletionSource<HistoryEvent>? Outcome { get; } =
        action.WorkflowActionTypeCase is WorkflowAction.WorkflowActionTypeOneofCase.SendEvent ? null : new TaskCompletionSource<HistoryEvent>();

    /// <summary>Whether history has the call. What it does not have is a new action of this turn.</summary>
    public bool IsRecorded { get; private set; }

    /// <summary>Whether the code may still be waiting for the outcome.</summary>
    public bool IsOpen => Outcome is { Task.IsCompleted: false };

    /// <summary>The execution id that history has for an activity; results of another execution are not this call's.</summary>
    private string _taskExecutionId = string.Empty;

    public void Record(HistoryEvent recorded)
    {
        IsRecorded = true;
        _taskExecutionId = recorded.TaskScheduled?.TaskExecutionId ?? string.Empty;
    }

    /// <summary>Gives the code the outcome, and runs it up to its next wait. The first outcome counts.</summary>
    public void Complete(HistoryEvent outcome)
    {
        var execution = outcome.EventTypeCase switch
        {
            HistoryEvent.EventTypeOneofCase.TaskCompleted => outcome.TaskCompleted.TaskExecutionId,
            HistoryEvent.EventTypeOneofCase.TaskFailed => outcome.TaskFailed.TaskExecutionId,
            _ => string.Empty,
        };
        if (execution.Length == 0 || _taskExecutionId.Length == 0 || execution == _taskExecutionId)
            Outcome?.TrySetResult(outcome);
    }
}
