using Eventide.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>What a worker's answer means: the events to append and what to do after they are committed. Pure (Dapr: durabletask-go runtimestate/applier.go).</summary>
internal sealed class TurnOutcome
{
    /// <summary>Events that the actions append to the history.</summary>
    public List<HistoryEvent> Events { get; } = [];

    /// <summary>Instances to terminate.</summary>
    public List<TerminateWorkflowAction> Terminations { get; } = [];

    /// <summary>Set when the execution ends by continuing as new: what the next one starts with.</summary>
    public List<HistoryEvent>? Continuation { get; private set; }

    /// <summary>Applies the actions of <paramref name="response"/>.</summary>
    public static TurnOutcome Of(WorkflowResponse response, InstanceState state, ExecutionStartedEvent started, string instanceId, Timestamp now)
    {
        var outcome = new TurnOutcome();
        foreach (var action in response.Actions)
        {
            outcome.Apply(action, state, started, instanceId, now);
        }

        return outcome;
    }

    /// <summary>Ends the execution as terminated, for a worker that did not do so itself.</summary>
    public void Terminate(ExecutionTerminatedEvent terminated, Timestamp now)
    {
        Continuation = null;
        Events.RemoveAll(e => e.ExecutionCompleted is not null);
        Events.Add(new HistoryEvent
        {
            EventId = -1,
            Timestamp = now,
            ExecutionCompleted = new ExecutionCompletedEvent { WorkflowStatus = WorkflowStatus.Terminated, Result = terminated.Input },
        });
    }

    private void Apply(WorkflowAction action, InstanceState state, ExecutionStartedEvent started, string instanceId, Timestamp now)
    {
        HistoryEvent Event() => new() { EventId = action.Id, Timestamp = now, Router = action.Router };
        switch (action.WorkflowActionTypeCase)
        {
            case WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask:
                var scheduled = Event();
                scheduled.TaskScheduled = new TaskScheduledEvent
                {
                    Name = action.ScheduleTask.Name,
                    Version = action.ScheduleTask.Version,
                    Input = action.ScheduleTask.Input,
                    TaskExecutionId = action.ScheduleTask.TaskExecutionId,
                    ParentTraceContext = started.ParentTraceContext,
                };
                Events.Add(scheduled);
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer:
                var timer = Event();
                timer.TimerCreated = Timer(action.CreateTimer);
                Events.Add(timer);
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow:
                var child = Event();
                child.ChildWorkflowInstanceCreated = new ChildWorkflowInstanceCreatedEvent
                {
                    InstanceId = action.CreateChildWorkflow.InstanceId is { Length: > 0 } given ? given : $"{instanceId}:{action.Id:x4}",
                    Name = action.CreateChildWorkflow.Name,
                    Version = action.CreateChildWorkflow.Version,
                    Input = action.CreateChildWorkflow.Input,
                    ParentTraceContext = started.ParentTraceContext,
                };
                Events.Add(child);
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.SendEvent:
                var sent = Event();
                sent.EventSent = new EventSentEvent
                {
                    InstanceId = action.SendEvent.Instance.InstanceId, Name = action.SendEvent.Name, Input = action.SendEvent.Data,
                };
                Events.Add(sent);
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.TerminateWorkflow:
                Terminations.Add(action.TerminateWorkflow);
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.WorkflowVersionNotAvailable:
                var stalled = Event();
                stalled.ExecutionStalled = new ExecutionStalledEvent
                {
                    Reason = StalledReason.VersionNotAvailable, Description = $"Version not available: {started.Name}",
                };
                Events.Add(stalled);
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CompleteWorkflow when state.Completed is null && Events.All(e => e.ExecutionCompleted is null):
                Complete(action, started, instanceId, now);
                break;
        }
    }

    private void Complete(WorkflowAction action, ExecutionStartedEvent started, string instanceId, Timestamp now)
    {
        var complete = action.CompleteWorkflow;
        if (complete.WorkflowStatus != WorkflowStatus.ContinuedAsNew)
        {
            Events.Add(new HistoryEvent
            {
                EventId = action.Id,
                Timestamp = now,
                ExecutionCompleted = new ExecutionCompletedEvent
                {
                    WorkflowStatus = complete.WorkflowStatus, Result = complete.Result, FailureDetails = complete.FailureDetails,
                },
            });
            return;
        }

        var next = started.Clone();
        next.Input = complete.Result;
        next.WorkflowInstance = new WorkflowInstance { InstanceId = instanceId, ExecutionId = Guid.NewGuid().ToString("N") };
        Continuation = [new HistoryEvent { EventId = -1, Timestamp = now, ExecutionStarted = next }, .. complete.CarryoverEvents];
    }

    private static TimerCreatedEvent Timer(CreateTimerAction action)
    {
        var created = new TimerCreatedEvent { FireAt = action.FireAt };
        if (action.HasName)
        {
            created.Name = action.Name;
        }

        switch (action.OriginCase)
        {
            case CreateTimerAction.OriginOneofCase.CreateTimer:
                created.CreateTimer = action.CreateTimer;
                break;
            case CreateTimerAction.OriginOneofCase.ExternalEvent:
                created.ExternalEvent = action.ExternalEvent;
                break;
            case CreateTimerAction.OriginOneofCase.ActivityRetry:
                created.ActivityRetry = action.ActivityRetry;
                break;
            case CreateTimerAction.OriginOneofCase.ChildWorkflowRetry:
                created.ChildWorkflowRetry = action.ChildWorkflowRetry;
                break;
        }

        return created;
    }
}
