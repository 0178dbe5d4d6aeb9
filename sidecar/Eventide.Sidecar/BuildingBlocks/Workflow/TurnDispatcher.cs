using Eventide.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;
using Kind = Eventide.Workflow.Protocol.HistoryEvent.EventTypeOneofCase;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>Gives instances that have something new to a worker, one turn at a time each. Thread-safe for different instances.</summary>
/// <param name="workers">Take the turns.</param>
/// <param name="timers">Wait for starts at a later time.</param>
/// <param name="time">The workflows' clock.</param>
/// <param name="maxBodySize">The largest gRPC message in bytes; 0 means no limit.</param>
/// <param name="oversized">Called under the gate for a turn that is in hand but too large to send; it has to be put back.</param>
internal sealed class TurnDispatcher(
    WorkerHub workers, DurableTimers timers, TimeProvider time, long maxBodySize, Action<ActiveInstance, TurnInHand, ExecutionStalledEvent> oversized)
{
    // Room for what the request carries beside the events; the share is Dapr's, which calls it a percentage.
    private const int UsablePercent = 95;

    /// <summary>Starts the next turn if none is out and something waits for it. The caller holds the gate.</summary>
    public void StartNext(ActiveInstance instance)
    {
        if (instance.Turn is not null || instance.Inbox.Count == 0 || instance.State.Completed is not null || IsForLater(instance))
        {
            return;
        }

        var seen = new HashSet<(Kind, int)>();
        var turn = new TurnInHand(
            Guid.NewGuid().ToString("N"),
            new HistoryEvent { EventId = -1, Timestamp = Timestamp.FromDateTimeOffset(time.GetUtcNow()), WorkflowStarted = new WorkflowStartedEvent() },
            [.. instance.Inbox],
            [.. instance.Inbox.Select(entry => entry.Event).Where(e => instance.State.Accepts(e) && seen.Add(Resolution(e, seen.Count)))]);
        instance.Turn = turn;
        instance.Inbox.Clear();
        var size = instance.State.Size + turn.Events.Sum(e => (long)e.CalculateSize());
        if (maxBodySize > 0 && size > maxBodySize * UsablePercent / 100)
        {
            oversized(instance, turn, new ExecutionStalledEvent
            {
                Reason = StalledReason.PayloadSizeExceeded,
                Description = $"Workflow payload size {size} bytes exceeds {UsablePercent}% of max gRPC body size {maxBodySize} bytes; "
                    + "increase daprd --max-body-size and restart to resume",
            });
            return;
        }

        var start = instance.State.Start ?? turn.Events.FirstOrDefault(e => e.ExecutionStarted is not null);
        var request = new WorkflowRequest { InstanceId = instance.Id, ExecutionId = start?.ExecutionStarted.WorkflowInstance?.ExecutionId };
        request.PastEvents.AddRange(instance.State.History);
        request.NewEvents.Add(turn.Started);
        request.NewEvents.AddRange(turn.Events);
        workers.Dispatch(new WorkItem { WorkflowRequest = request, CompletionToken = turn.Token });
    }

    private bool IsForLater(ActiveInstance instance)
    {
        var start = instance.Inbox.Find(entry => entry.Event.ExecutionStarted is not null).Event?.ExecutionStarted.ScheduledStartTimestamp;
        if (start?.ToDateTimeOffset() is not { } due || due <= time.GetUtcNow())
        {
            return false;
        }

        timers.Set(instance, DurableTimers.Start, due, () => instance.WithGateAsync(() => StartNext(instance)));
        return true;
    }

    // Two answers to one task in the same turn: only the first counts. Everything else is distinct by position.
    private static (Kind, int) Resolution(HistoryEvent e, int position) => e.EventTypeCase switch
    {
        Kind.TaskCompleted => (Kind.TaskCompleted, e.TaskCompleted.TaskScheduledId),
        Kind.TaskFailed => (Kind.TaskCompleted, e.TaskFailed.TaskScheduledId),
        Kind.TimerFired => (Kind.TimerFired, e.TimerFired.TimerId),
        Kind.ChildWorkflowInstanceCompleted => (Kind.ChildWorkflowInstanceCompleted, e.ChildWorkflowInstanceCompleted.TaskScheduledId),
        Kind.ChildWorkflowInstanceFailed => (Kind.ChildWorkflowInstanceCompleted, e.ChildWorkflowInstanceFailed.TaskScheduledId),
        Kind.ExecutionStarted => (Kind.ExecutionStarted, 0),
        _ => (Kind.None, position),
    };
}
