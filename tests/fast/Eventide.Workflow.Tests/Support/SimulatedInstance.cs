using Eventide.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;
using Kind = Eventide.Workflow.Protocol.WorkflowAction.WorkflowActionTypeOneofCase;

namespace Eventide.Workflow.Tests.Support;

/// <summary>
/// An instance as a sidecar keeps it, without a sidecar: history, inbox, and the rules by which a turn's actions become history. What outcomes arrive, and how many
/// of them in one turn, is up to the test.
/// </summary>
internal sealed class SimulatedInstance
{
    private static readonly DateTime Epoch = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private readonly Workflows _workflows;
    private readonly string _name;
    private int _executions;
    private DateTime _now = Epoch;

    public SimulatedInstance(Workflows workflows, string name = "Test", string? input = null, string id = "instance-1", TraceContext? trace = null)
    {
        _workflows = workflows;
        _name = name;
        Id = id;
        ExecutionId = NextExecutionId();
        Inbox.Enqueue(Started(input, trace));
    }

    public string Id { get; }

    public string ExecutionId { get; private set; }

    public List<HistoryEvent> History { get; } = [];

    public Queue<HistoryEvent> Inbox { get; } = [];

    public CompleteWorkflowAction? Completion { get; private set; }

    public string? CustomStatus { get; private set; }

    /// <summary>The time at which the next turn runs.</summary>
    public DateTime Now
    {
        get => _now;
        set => _now = value;
    }

    /// <summary>Gives the outcome of a call, to be put into the inbox; null leaves the call open.</summary>
    public Func<WorkflowAction, HistoryEvent?> Answer { get; set; } = _ => null;

    /// <summary>The request of the next turn with the first <paramref name="take"/> events of the inbox; the instance does not change.</summary>
    public WorkflowRequest NextRequest(int take = int.MaxValue, WorkflowVersion? version = null)
    {
        var request = new WorkflowRequest { InstanceId = Id, ExecutionId = ExecutionId };
        request.PastEvents.AddRange(History);
        request.NewEvents.Add(Outside(new HistoryEvent { WorkflowStarted = new WorkflowStartedEvent { Version = version } }));
        request.NewEvents.AddRange(Inbox.Take(take));
        return request;
    }

    /// <summary>Runs a turn with the first <paramref name="take"/> events of the inbox and commits it.</summary>
    public async Task<WorkflowResponse> TurnAsync(int take = int.MaxValue)
    {
        var request = NextRequest(take);
        var response = await _workflows.Turns.RunAsync(request.Clone(), "token");
        for (var i = 0; i < request.NewEvents.Count - 1; i++)
            Inbox.Dequeue();

        if (response.Version is not null)
            request.NewEvents[0].WorkflowStarted.Version = response.Version;

        History.AddRange(request.NewEvents);
        CustomStatus = response.CustomStatus;
        foreach (var action in response.Actions)
            Commit(action);

        _now = _now.AddSeconds(1);
        return response;
    }

    /// <summary>Runs turns until the instance ends or nothing is left in the inbox.</summary>
    public async Task RunAsync(int take = int.MaxValue)
    {
        while (Completion is null && Inbox.Count > 0)
            await TurnAsync(take);
    }

    public void Raise(string name, string? json = null) =>
        Inbox.Enqueue(Outside(new HistoryEvent { EventRaised = new EventRaisedEvent { Name = name, Input = json } }));

    public void Suspend() => Inbox.Enqueue(Outside(new HistoryEvent { ExecutionSuspended = new ExecutionSuspendedEvent() }));

    public void Resume() => Inbox.Enqueue(Outside(new HistoryEvent { ExecutionResumed = new ExecutionResumedEvent() }));

    public void Terminate(string? output = null) =>
        Inbox.Enqueue(Outside(new HistoryEvent { ExecutionTerminated = new ExecutionTerminatedEvent { Input = output } }));

    public void CompleteActivity(int id, string? json) => Inbox.Enqueue(Completed(id, json));

    public void FailActivity(int id, string type, string message) =>
        Inbox.Enqueue(Outside(new HistoryEvent { TaskFailed = new TaskFailedEvent { TaskScheduledId = id, FailureDetails = new TaskFailureDetails { ErrorType = type, ErrorMessage = message } } }));

    public void FireTimer(int id) => Inbox.Enqueue(Fired(id));

    public HistoryEvent Completed(int id, string? json) =>
        Outside(new HistoryEvent { TaskCompleted = new TaskCompletedEvent { TaskScheduledId = id, Result = json } });

    public HistoryEvent Fired(int id) => Outside(new HistoryEvent { TimerFired = new TimerFiredEvent { TimerId = id } });

    public HistoryEvent Outside(HistoryEvent e)
    {
        e.EventId = -1;
        e.Timestamp = Timestamp.FromDateTime(_now);
        return e;
    }

    private void Commit(WorkflowAction action)
    {
        if (action.CompleteWorkflow is { } completion)
        {
            Complete(completion);
            return;
        }

        var recorded = new HistoryEvent { EventId = action.Id, Timestamp = Timestamp.FromDateTime(_now) };
        switch (action.WorkflowActionTypeCase)
        {
            case Kind.ScheduleTask:
                recorded.TaskScheduled = new TaskScheduledEvent
                {
                    Name = action.ScheduleTask.Name,
                    Input = action.ScheduleTask.Input,
                    TaskExecutionId = action.ScheduleTask.TaskExecutionId,
                };
                break;
            case Kind.CreateTimer:
                recorded.TimerCreated = new TimerCreatedEvent { FireAt = action.CreateTimer.FireAt };
                if (action.CreateTimer.ExternalEvent is { } origin)
                    recorded.TimerCreated.ExternalEvent = origin;

                break;
            case Kind.CreateChildWorkflow:
                recorded.ChildWorkflowInstanceCreated = new ChildWorkflowInstanceCreatedEvent
                {
                    Name = action.CreateChildWorkflow.Name,
                    InstanceId = action.CreateChildWorkflow.InstanceId,
                    Input = action.CreateChildWorkflow.Input,
                };
                break;
            case Kind.SendEvent:
                recorded.EventSent = new EventSentEvent { InstanceId = action.SendEvent.Instance.InstanceId, Name = action.SendEvent.Name, Input = action.SendEvent.Data };
                break;
        }

        History.Add(recorded);
        if (Answer(action) is { } outcome)
            Inbox.Enqueue(outcome);
    }

    private void Complete(CompleteWorkflowAction completion)
    {
        if (completion.WorkflowStatus != WorkflowStatus.ContinuedAsNew)
        {
            Completion = completion;
            return;
        }

        // What arrived for the old run is not for the new one; what nobody has waited for yet goes along.
        var raised = Inbox.Where(e => e.EventRaised is not null).ToList();
        History.Clear();
        Inbox.Clear();
        ExecutionId = NextExecutionId();
        Inbox.Enqueue(Started(completion.Result, null));
        foreach (var e in completion.CarryoverEvents.Concat(raised))
            Inbox.Enqueue(e);
    }

    private string NextExecutionId() => $"{Id}-execution-{++_executions}";

    private HistoryEvent Started(string? input, TraceContext? trace) => Outside(new HistoryEvent
    {
        ExecutionStarted = new ExecutionStartedEvent
        {
            Name = _name,
            Input = input,
            ParentTraceContext = trace,
            WorkflowInstance = new WorkflowInstance { InstanceId = Id, ExecutionId = ExecutionId },
        },
    });
}
