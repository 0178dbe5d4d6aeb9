using Eventide.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// What one execution of an instance has come to: its history and what follows from it. Pure: nothing here reads a clock or a store, so every rule can be
/// tested by events alone. Not thread-safe.
/// </summary>
internal sealed class InstanceState
{
    private readonly Dictionary<int, HistoryEvent> _pendingActivities = [];
    private readonly Dictionary<int, HistoryEvent> _pendingTimers = [];
    private readonly Dictionary<int, HistoryEvent> _pendingChildren = [];

    /// <summary>The committed events in order.</summary>
    public List<HistoryEvent> History { get; } = [];

    /// <summary>The event that began this execution; null before the first turn.</summary>
    public ExecutionStartedEvent? Started { get; private set; }

    /// <summary>When it began.</summary>
    public Timestamp? StartedAt { get; private set; }

    /// <summary>The event that ended it; null while it runs.</summary>
    public ExecutionCompletedEvent? Completed { get; private set; }

    /// <summary>When it ended.</summary>
    public Timestamp? CompletedAt { get; private set; }

    /// <summary>Set by the workflow's code.</summary>
    public string? CustomStatus { get; set; }

    public bool IsSuspended { get; private set; }

    public bool IsStalled { get; private set; }

    /// <summary>Activities that were scheduled and have no result.</summary>
    public IReadOnlyDictionary<int, HistoryEvent> PendingActivities => _pendingActivities;

    /// <summary>Timers that were created and have not fired.</summary>
    public IReadOnlyDictionary<int, HistoryEvent> PendingTimers => _pendingTimers;

    /// <summary>Children that were started and have not ended.</summary>
    public IReadOnlyDictionary<int, HistoryEvent> PendingChildren => _pendingChildren;

    /// <summary>The status that a client sees.</summary>
    public WorkflowStatus Status => this switch
    {
        { Started: null } => WorkflowStatus.Pending,
        { Completed: { } completed } => completed.WorkflowStatus,
        { IsStalled: true } => WorkflowStatus.Stalled,
        { IsSuspended: true } => WorkflowStatus.Suspended,
        _ => WorkflowStatus.Running,
    };

    /// <summary>Whether the event still means something: a second start or a second answer to the same task does not.</summary>
    public bool Accepts(HistoryEvent e) => e.EventTypeCase switch
    {
        HistoryEvent.EventTypeOneofCase.ExecutionStarted => Started is null,
        HistoryEvent.EventTypeOneofCase.TaskCompleted => _pendingActivities.ContainsKey(e.TaskCompleted.TaskScheduledId),
        HistoryEvent.EventTypeOneofCase.TaskFailed => _pendingActivities.ContainsKey(e.TaskFailed.TaskScheduledId),
        HistoryEvent.EventTypeOneofCase.TimerFired => _pendingTimers.ContainsKey(e.TimerFired.TimerId),
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted => _pendingChildren.ContainsKey(e.ChildWorkflowInstanceCompleted.TaskScheduledId),
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed => _pendingChildren.ContainsKey(e.ChildWorkflowInstanceFailed.TaskScheduledId),
        _ => Completed is null,
    };

    /// <summary>Appends one event.</summary>
    public void Apply(HistoryEvent e)
    {
        History.Add(e);
        switch (e.EventTypeCase)
        {
            case HistoryEvent.EventTypeOneofCase.ExecutionStarted:
                (Started, StartedAt) = (e.ExecutionStarted, e.Timestamp);
                break;
            case HistoryEvent.EventTypeOneofCase.TaskScheduled:
                _pendingActivities[e.EventId] = e;
                break;
            case HistoryEvent.EventTypeOneofCase.TaskCompleted:
                _pendingActivities.Remove(e.TaskCompleted.TaskScheduledId);
                break;
            case HistoryEvent.EventTypeOneofCase.TaskFailed:
                _pendingActivities.Remove(e.TaskFailed.TaskScheduledId);
                break;
            case HistoryEvent.EventTypeOneofCase.TimerCreated:
                _pendingTimers[e.EventId] = e;
                break;
            case HistoryEvent.EventTypeOneofCase.TimerFired:
                _pendingTimers.Remove(e.TimerFired.TimerId);
                break;
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated:
                _pendingChildren[e.EventId] = e;
                break;
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted:
                _pendingChildren.Remove(e.ChildWorkflowInstanceCompleted.TaskScheduledId);
                break;
            case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed:
                _pendingChildren.Remove(e.ChildWorkflowInstanceFailed.TaskScheduledId);
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionSuspended:
                IsSuspended = true;
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionResumed:
                IsSuspended = false;
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionStalled:
                IsStalled = true;
                break;
            case HistoryEvent.EventTypeOneofCase.ExecutionCompleted:
                (Completed, CompletedAt) = (e.ExecutionCompleted, e.Timestamp);
                _pendingActivities.Clear();
                _pendingTimers.Clear();
                break;
        }
    }
}
