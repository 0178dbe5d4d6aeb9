using Eventide.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;
using Kind = Eventide.Workflow.Protocol.HistoryEvent.EventTypeOneofCase;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>What a worker's answer to a turn means: the events to append and what is to follow. Pure (Dapr: durabletask-go runtimestate/applier.go).</summary>
internal sealed class TurnOutcome
{
    private readonly InstanceState _state;
    private readonly TurnInHand _turn;
    private readonly Timestamp _now;
    private readonly string _instanceId;
    private readonly HistoryEvent _start;

    private TurnOutcome(InstanceState state, TurnInHand turn, string instanceId, Timestamp now)
    {
        (_state, _turn, _instanceId, _now) = (state, turn, instanceId, now);
        _start = state.Start ?? turn.Events.FirstOrDefault(e => e.ExecutionStarted is not null) ?? throw new InvalidOperationException(
            $"Workflow instance {instanceId} has no start event in its history.");
    }

    /// <summary>Set when the worker cannot go on with this instance: then nothing else of its answer counts.</summary>
    public ExecutionStalledEvent? Stalled { get; private set; }

    /// <summary>What the history grows by: the turn's own events, then what the actions append.</summary>
    public List<HistoryEvent> Events { get; } = [];

    /// <summary>Set when the instance ends.</summary>
    public ExecutionCompletedEvent? Completed { get; private set; }

    /// <summary>Set when the execution ends by continuing as new: what the next one starts with.</summary>
    public List<HistoryEvent>? Continuation { get; private set; }

    /// <summary>Calls of children that are to be created.</summary>
    public List<HistoryEvent> ChildCalls { get; } = [];

    /// <summary>Instances that are to be created without a tie to this one.</summary>
    public List<(string Id, ExecutionStartedEvent Started)> Detached { get; } = [];

    /// <summary>Events for other instances.</summary>
    public List<OutgoingEvent> Outgoing { get; } = [];

    /// <summary>The start of the execution.</summary>
    public ExecutionStartedEvent Started => _start.ExecutionStarted;

    /// <summary>Works out what <paramref name="response"/> means for the instance that has come to <paramref name="state"/>.</summary>
    public static TurnOutcome Of(WorkflowResponse response, InstanceState state, TurnInHand turn, string instanceId, Timestamp now)
    {
        var outcome = new TurnOutcome(state, turn, instanceId, now);
        outcome.Apply(response);
        return outcome;
    }

    private void Apply(WorkflowResponse response)
    {
        var termination = _turn.Termination;
        IReadOnlyList<string> patches = response.Version?.Patches ?? [];
        var ranCode = termination is null && (response.Actions.Count > 0 || !_turn.IsSuspendedAfter(_state.IsSuspended));
        if (ranCode && (VersionNotAvailable(response) ?? Mismatch(patches)) is { } stalled)
        {
            Stalled = stalled;
            return;
        }

        Events.Add(Begin(response.Version, patches));
        Events.AddRange(_turn.Events);
        if (termination is not null)
        {
            // Enforced here for a worker that did not do so itself; what else it asks for is dropped.
            Terminate(termination);
            return;
        }

        foreach (var action in response.Actions)
        {
            Apply(action);
        }
    }

    private ExecutionStalledEvent? VersionNotAvailable(WorkflowResponse response) =>
        response.Actions.Any(action => action.WorkflowVersionNotAvailable is not null)
            ? new ExecutionStalledEvent { Reason = StalledReason.VersionNotAvailable, Description = $"Version not available: {Started.Name}" }
            : null;

    private ExecutionStalledEvent? Mismatch(IReadOnlyList<string> patches) => Patches.Mismatch(_state.Patches, patches) is { } description
        ? new ExecutionStalledEvent { Reason = StalledReason.PatchMismatch, Description = description }
        : null;

    /// <summary>A copy: the one that was sent may be on its way still.</summary>
    private HistoryEvent Begin(WorkflowVersion? version, IReadOnlyList<string> patches)
    {
        var begin = _turn.Started.Clone();
        if (version is not null && Patches.New(_state.Patches, patches) is { Count: > 0 } added)
        {
            begin.WorkflowStarted.Version = new WorkflowVersion { Patches = { added } };
            if (version.HasName)
            {
                begin.WorkflowStarted.Version.Name = version.Name;
            }
        }

        return begin;
    }

    private void Terminate(ExecutionTerminatedEvent terminated)
    {
        Complete(-1, new ExecutionCompletedEvent { WorkflowStatus = WorkflowStatus.Terminated, Result = terminated.Input });
        foreach (var child in terminated.Recurse ? _state.PendingChildren.Values : [])
        {
            Send(child.ChildWorkflowInstanceCreated.InstanceId, new HistoryEvent
            {
                EventId = -1,
                Timestamp = _now,
                ExecutionTerminated = new ExecutionTerminatedEvent { Recurse = true },
            });
        }
    }

    private void Apply(WorkflowAction action)
    {
        switch (action.WorkflowActionTypeCase)
        {
            case WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask:
                Append(action, action.ScheduleTask.Router).TaskScheduled = new TaskScheduledEvent
                {
                    Name = action.ScheduleTask.Name,
                    Version = action.ScheduleTask.Version,
                    Input = action.ScheduleTask.Input,
                    TaskExecutionId = action.ScheduleTask.TaskExecutionId,
                    ParentTraceContext = Started.ParentTraceContext,
                };
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateTimer:
                Append(action).TimerCreated = Timer(action.CreateTimer);
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow:
                ChildCalls.Add(Append(action, action.CreateChildWorkflow.Router));
                ChildCalls[^1].ChildWorkflowInstanceCreated = new ChildWorkflowInstanceCreatedEvent
                {
                    InstanceId = action.CreateChildWorkflow.InstanceId is { Length: > 0 } given ? given : $"{_instanceId}:{action.Id:x4}",
                    Name = action.CreateChildWorkflow.Name,
                    Version = action.CreateChildWorkflow.Version,
                    Input = action.CreateChildWorkflow.Input,
                    ParentTraceContext = Started.ParentTraceContext,
                };
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.SendEvent:
                Send(action);
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.TerminateWorkflow:
                Send(action.TerminateWorkflow.InstanceId, new HistoryEvent
                {
                    EventId = -1,
                    Timestamp = _now,
                    ExecutionTerminated = new ExecutionTerminatedEvent { Input = action.TerminateWorkflow.Reason, Recurse = action.TerminateWorkflow.Recurse },
                });
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CreateDetachedWorkflow:
                Detach(action);
                break;
            case WorkflowAction.WorkflowActionTypeOneofCase.CompleteWorkflow when Completed is null && Continuation is null:
                Complete(action);
                break;
        }
    }

    private HistoryEvent Append(WorkflowAction action, TaskRouter? router = null)
    {
        var e = new HistoryEvent { EventId = action.Id, Timestamp = _now, Router = action.Router ?? router };
        Events.Add(e);
        return e;
    }

    private void Send(WorkflowAction action)
    {
        var sent = action.SendEvent;
        Append(action).EventSent = new EventSentEvent { InstanceId = sent.Instance.InstanceId, Name = sent.Name, Input = sent.Data };

        // Real daprd hands the sent event on as it is, which wakes nobody; here it arrives as a raised event. Marked in docs/workflow.md.
        Send(sent.Instance.InstanceId, new HistoryEvent
        {
            EventId = -1,
            Timestamp = _now,
            EventRaised = new EventRaisedEvent { Name = sent.Name, Input = sent.Data },
        });
    }

    private void Send(string instanceId, HistoryEvent e) => Outgoing.Add(new OutgoingEvent { InstanceId = instanceId, Event = e });

    private void Detach(WorkflowAction action)
    {
        var detached = action.CreateDetachedWorkflow;
        Append(action).DetachedWorkflowInstanceCreated = new DetachedWorkflowInstanceCreatedEvent { InstanceId = detached.InstanceId };
        Detached.Add((detached.InstanceId, new ExecutionStartedEvent
        {
            Name = detached.Name,
            Version = detached.Version,
            Input = detached.Input,
            ScheduledStartTimestamp = detached.ScheduledStartTimestamp,
            ParentTraceContext = Started.ParentTraceContext,
        }));
    }

    private void Complete(WorkflowAction action)
    {
        var complete = action.CompleteWorkflow;
        if (complete.WorkflowStatus != WorkflowStatus.ContinuedAsNew)
        {
            Complete(action.Id, new ExecutionCompletedEvent
            {
                WorkflowStatus = complete.WorkflowStatus,
                Result = complete.Result,
                FailureDetails = complete.FailureDetails,
            });
            return;
        }

        var next = Started.Clone();
        next.Input = complete.Result;
        next.ScheduledStartTimestamp = null;
        next.WorkflowInstance = new WorkflowInstance { InstanceId = _instanceId, ExecutionId = Guid.NewGuid().ToString("N") };
        Continuation = [new HistoryEvent { EventId = -1, Timestamp = _now, ExecutionStarted = next }, .. complete.CarryoverEvents];
    }

    private void Complete(int eventId, ExecutionCompletedEvent completed)
    {
        Completed = completed;
        Events.Add(new HistoryEvent { EventId = eventId, Timestamp = _now, ExecutionCompleted = completed });
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
