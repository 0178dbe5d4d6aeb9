using Eventide.Workflow.Protocol;
using Kind = Eventide.Workflow.Protocol.HistoryEvent.EventTypeOneofCase;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// Does what the history of an instance asks for: activities, timers, children. All of it follows from the history, so after a crash it is done again: activities
/// may run twice but are never lost. Thread-safe for different instances; the callers hold the gate.
/// </summary>
internal sealed class FollowUps(
    string appId, WorkerHub workers, DurableTimers timers, EventDelivery delivery, ChildWorkflows children, TurnDispatcher turns, BackgroundWork background, TimeProvider time)
{
    /// <summary>After a commit: does what the new events ask for.</summary>
    public void Act(ActiveInstance instance, IEnumerable<HistoryEvent> committed)
    {
        foreach (var e in committed)
        {
            switch (e.EventTypeCase)
            {
                case Kind.TaskScheduled when instance.State.PendingActivities.ContainsKey(e.EventId):
                    Schedule(instance, e);
                    break;
                case Kind.TimerCreated when instance.State.PendingTimers.ContainsKey(e.EventId):
                    SetTimer(instance, e);
                    break;
                case Kind.TimerFired:
                    DurableTimers.Cancel(instance, e.TimerFired.TimerId);
                    break;
            }
        }
    }

    /// <summary>After a start or a failed write: does again what the crash may have prevented, and starts the turn that waits.</summary>
    public void Resume(ActiveInstance instance)
    {
        foreach (var e in instance.State.PendingActivities.Values)
        {
            Schedule(instance, e);
        }

        foreach (var e in instance.State.PendingTimers.Values)
        {
            SetTimer(instance, e);
        }

        foreach (var call in instance.State.PendingChildren.Values)
        {
            var (id, started) = (instance.Id, instance.State.Started!);
            background.Run(() => children.FollowAsync(id, started, call));
        }

        turns.StartNext(instance);
    }

    private void Schedule(ActiveInstance instance, HistoryEvent e)
    {
        if (e.ForeignApp(appId) is { } target)
        {
            Refuse(instance, e, target);
            return;
        }

        workers.Dispatch(new WorkItem
        {
            // The execution, because the next one of a workflow that continues as new counts its calls from 0 again.
            CompletionToken = instance.ExecutionId,
            ActivityRequest = new ActivityRequest
            {
                Name = e.TaskScheduled.Name,
                Version = e.TaskScheduled.Version,
                Input = e.TaskScheduled.Input,
                WorkflowInstance = instance.State.Started!.WorkflowInstance,
                TaskId = e.EventId,
                TaskExecutionId = e.TaskScheduled.TaskExecutionId,
                ParentTraceContext = e.TaskScheduled.ParentTraceContext,
            },
        });
    }

    private void SetTimer(ActiveInstance instance, HistoryEvent e)
    {
        var (id, execution) = (instance.Id, instance.ExecutionId);
        timers.Set(instance, e.EventId, e.TimerCreated.FireAt.ToDateTimeOffset(), () =>
        {
            var fired = time.NewEvent();
            fired.TimerFired = new TimerFiredEvent { TimerId = e.EventId, FireAt = e.TimerCreated.FireAt };
            return delivery.DeliverDerivedAsync(id, execution, fired);
        });
    }

    private void Refuse(ActiveInstance instance, HistoryEvent e, string target)
    {
        var (id, execution) = (instance.Id, instance.ExecutionId);
        var failed = time.NewEvent();
        failed.TaskFailed = new TaskFailedEvent
        {
            TaskScheduledId = e.EventId,
            FailureDetails = WorkflowEvents.ForeignAppFailure($"Activity '{e.TaskScheduled.Name}'", target),
        };
        background.Run(() => delivery.DeliverDerivedAsync(id, execution, failed));
    }
}
