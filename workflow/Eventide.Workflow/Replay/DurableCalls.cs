using Eventide.Workflow.Protocol;
using Event = Eventide.Workflow.Protocol.HistoryEvent.EventTypeOneofCase;
using Kind = Eventide.Workflow.Protocol.WorkflowAction.WorkflowActionTypeOneofCase;

namespace Dapr.Workflow.Replay;

/// <summary>
/// Every durable call of one execution, by id. Compares what the code calls with what history has, and throws <see cref="NonDeterminismException"/> where they part.
/// </summary>
/// <param name="recordSites">Whether to note the line of each call, for the message of an error that is already known to come.</param>
internal sealed class DurableCalls(bool recordSites)
{
    private readonly List<DurableCall> _calls = [];

    /// <summary>The id of the next call.</summary>
    public int NextId => _calls.Count;

    /// <summary>Whether the code may be waiting for any call.</summary>
    public bool AnyOpen => _calls.Exists(call => call.IsOpen);

    /// <summary>What this turn asks for anew.</summary>
    public IEnumerable<WorkflowAction> NewActions => _calls.Where(call => !call.IsRecorded).Select(call => call.Action);

    public DurableCall Add(WorkflowAction action)
    {
        action.Id = NextId;
        var call = new DurableCall(action, recordSites ? CallSite.Capture() : null);
        _calls.Add(call);
        return call;
    }

    /// <summary>History says that this call was made.</summary>
    public void Record(HistoryEvent recorded)
    {
        if (recorded.EventId >= _calls.Count || recorded.EventId < 0)
            throw NonDeterminismException.Missing(recorded, _calls.Count == 0 ? null : _calls[^1]);

        var call = _calls[recorded.EventId];
        if (!IsSame(recorded, call.Action))
            throw NonDeterminismException.Different(recorded, call);

        call.Record(recorded);
    }

    /// <summary>An event to another instance: history has it for the sender, and real daprd puts the same event into the target's inbox.</summary>
    /// <returns>Whether it is a call of this execution.</returns>
    public bool TryRecordSent(HistoryEvent recorded)
    {
        if (recorded.EventId < 0 || recorded.EventId >= _calls.Count || _calls[recorded.EventId] is not { IsRecorded: false } call || !IsSame(recorded, call.Action))
            return false;

        call.Record(recorded);
        return true;
    }

    /// <summary>An outcome arrived. One that belongs to no call is left over from before the instance started over, or a duplicate.</summary>
    public void Complete(int id, HistoryEvent outcome)
    {
        if (id >= 0 && id < _calls.Count)
            _calls[id].Complete(outcome);
    }

    /// <summary>Where the new part begins, every call up to there has to be in history.</summary>
    public void EnsureAllRecorded()
    {
        if (_calls.Find(call => !call.IsRecorded) is { } extra)
            throw NonDeterminismException.Extra(extra);
    }

    private static bool IsSame(HistoryEvent recorded, WorkflowAction action) => (recorded.EventTypeCase, action.WorkflowActionTypeCase) switch
    {
        (Event.TaskScheduled, Kind.ScheduleTask) => recorded.TaskScheduled.Name == action.ScheduleTask.Name,
        (Event.ChildWorkflowInstanceCreated, Kind.CreateChildWorkflow) => recorded.ChildWorkflowInstanceCreated.Name == action.CreateChildWorkflow.Name,
        (Event.TimerCreated, Kind.CreateTimer) => true,
        (Event.EventSent, Kind.SendEvent) =>
            recorded.EventSent.Name == action.SendEvent.Name && recorded.EventSent.InstanceId == action.SendEvent.Instance.InstanceId,
        _ => false,
    };
}
