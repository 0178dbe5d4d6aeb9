using Eventide.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;
using Kind = Eventide.Workflow.Protocol.HistoryEvent.EventTypeOneofCase;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// What one execution of an instance has come to: its history and what follows from it, kept up to date event by event. Pure: nothing here reads a clock or a
/// store, so every rule can be tested by events alone. Not thread-safe.
/// </summary>
internal sealed class InstanceState
{
    private readonly Dictionary<int, HistoryEvent> _pendingActivities = [];
    private readonly Dictionary<int, HistoryEvent> _pendingTimers = [];
    private readonly Dictionary<int, HistoryEvent> _pendingChildren = [];
    private readonly List<HistoryEvent> _history = [];
    private readonly List<string> _patches = [];

    /// <summary>The committed events in order.</summary>
    public IReadOnlyList<HistoryEvent> History => _history;

    /// <summary>How large the history is when it is sent, in bytes.</summary>
    public long Size { get; private set; }

    /// <summary>The event that began this execution; null before the first turn.</summary>
    public HistoryEvent? Start { get; private set; }

    /// <summary>What <see cref="Start"/> says.</summary>
    public ExecutionStartedEvent? Started => Start?.ExecutionStarted;

    /// <summary>When the first turn ran.</summary>
    public Timestamp? StartedAt { get; private set; }

    /// <summary>The event that ended it; null while it runs.</summary>
    public ExecutionCompletedEvent? Completed { get; private set; }

    /// <summary>When it ended.</summary>
    public Timestamp? CompletedAt { get; private set; }

    /// <summary>Set by the workflow's code.</summary>
    public string? CustomStatus { get; set; }

    public bool IsSuspended { get; private set; }

    /// <summary>Why no worker can go on with it; null when one can. The next turn that goes through clears it.</summary>
    public ExecutionStalledEvent? Stalled { get; private set; }

    /// <summary>The patches that its turns ran with, in order.</summary>
    public IReadOnlyList<string> Patches => _patches;

    /// <summary>Activities that were scheduled and have no result.</summary>
    public IReadOnlyDictionary<int, HistoryEvent> PendingActivities => _pendingActivities;

    /// <summary>Timers that were created and have not fired.</summary>
    public IReadOnlyDictionary<int, HistoryEvent> PendingTimers => _pendingTimers;

    /// <summary>Children that were started and have not ended.</summary>
    public IReadOnlyDictionary<int, HistoryEvent> PendingChildren => _pendingChildren;

    /// <summary>The status that a client sees.</summary>
    public WorkflowStatus Status => this switch
    {
        { Completed: { } completed } => completed.WorkflowStatus,
        { Stalled: not null } => WorkflowStatus.Stalled,
        { Start: null } => WorkflowStatus.Pending,
        { IsSuspended: true } => WorkflowStatus.Suspended,
        _ => WorkflowStatus.Running,
    };

    /// <summary>Whether the event still means something: a second start or a second answer to the same task does not.</summary>
    public bool Accepts(HistoryEvent e) => e.EventTypeCase switch
    {
        Kind.ExecutionStarted => Start is null,
        Kind.TaskCompleted => _pendingActivities.ContainsKey(e.TaskCompleted.TaskScheduledId),
        Kind.TaskFailed => _pendingActivities.ContainsKey(e.TaskFailed.TaskScheduledId),
        Kind.TimerFired => _pendingTimers.ContainsKey(e.TimerFired.TimerId),
        Kind.ChildWorkflowInstanceCompleted => _pendingChildren.ContainsKey(e.ChildWorkflowInstanceCompleted.TaskScheduledId),
        Kind.ChildWorkflowInstanceFailed => _pendingChildren.ContainsKey(e.ChildWorkflowInstanceFailed.TaskScheduledId),
        _ => Completed is null,
    };

    /// <summary>Appends one event.</summary>
    public void Apply(HistoryEvent e)
    {
        _history.Add(e);
        Size += e.CalculateSize();
        switch (e.EventTypeCase)
        {
            case Kind.WorkflowStarted:
                StartedAt ??= e.Timestamp;
                Stalled = null;
                _patches.AddRange(e.WorkflowStarted.Version?.Patches ?? []);
                break;
            case Kind.ExecutionStarted:
                Start = e;
                break;
            case Kind.TaskScheduled:
                _pendingActivities[e.EventId] = e;
                break;
            case Kind.TaskCompleted:
                _pendingActivities.Remove(e.TaskCompleted.TaskScheduledId);
                break;
            case Kind.TaskFailed:
                _pendingActivities.Remove(e.TaskFailed.TaskScheduledId);
                break;
            case Kind.TimerCreated:
                _pendingTimers[e.EventId] = e;
                break;
            case Kind.TimerFired:
                _pendingTimers.Remove(e.TimerFired.TimerId);
                break;
            case Kind.ChildWorkflowInstanceCreated:
                _pendingChildren[e.EventId] = e;
                break;
            case Kind.ChildWorkflowInstanceCompleted:
                _pendingChildren.Remove(e.ChildWorkflowInstanceCompleted.TaskScheduledId);
                break;
            case Kind.ChildWorkflowInstanceFailed:
                _pendingChildren.Remove(e.ChildWorkflowInstanceFailed.TaskScheduledId);
                break;
            case Kind.ExecutionSuspended:
                IsSuspended = true;
                break;
            case Kind.ExecutionResumed:
                IsSuspended = false;
                break;
            case Kind.ExecutionStalled:
                Stalled = e.ExecutionStalled;
                break;
            case Kind.ExecutionCompleted:
                (Completed, CompletedAt) = (e.ExecutionCompleted, e.Timestamp);
                _pendingActivities.Clear();
                _pendingTimers.Clear();
                break;
        }
    }
}
