using Eventide.Workflow.Protocol;
using Kind = Eventide.Workflow.Protocol.HistoryEvent.EventTypeOneofCase;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// The history of an instance that runs again from one event of another: everything up to and with the turn that made the call, in which that call and others without
/// an outcome are open, so that they are done again. Pure (Dapr: pkg/actors/targets/workflow/orchestrator/fork; there the calls behind the event in its own turn are
/// left to the replay).
/// </summary>
internal static class HistoryFork
{
    /// <summary>Makes the history. Throws for an event that is not there or cannot be done again.</summary>
    public static List<HistoryEvent> Make(IReadOnlyList<HistoryEvent> source, RerunRequest request, string executionId)
    {
        var at = source.ToList().FindIndex(e => e.EventId == request.EventId);
        if (at < 0)
        {
            throw WorkflowErrors.NothingToRerun($"does not have history event with ID '{request.EventId}'");
        }

        var fork = source.TakeWhile((e, i) => i <= at || e.EventTypeCase != Kind.WorkflowStarted).Select(e => e.Clone()).ToList();
        Change(fork[at], request);
        fork.RemoveAll(e => e.EventTypeCase == Kind.ExecutionCompleted);
        var start = fork.First(e => e.EventTypeCase == Kind.ExecutionStarted).ExecutionStarted;
        start.WorkflowInstance = new WorkflowInstance { InstanceId = request.NewId, ExecutionId = executionId };
        return fork;
    }

    private static void Change(HistoryEvent target, RerunRequest request)
    {
        var parent = new RerunParentInstanceInfo { InstanceId = request.SourceId };
        switch (target.EventTypeCase)
        {
            case Kind.TaskScheduled:
                target.TaskScheduled.RerunParentInstanceInfo = parent;
                target.TaskScheduled.Input = request.OverwritesInput ? request.Input : target.TaskScheduled.Input;
                break;
            case Kind.ChildWorkflowInstanceCreated:
                target.ChildWorkflowInstanceCreated.RerunParentInstanceInfo = parent;
                target.ChildWorkflowInstanceCreated.Input = request.OverwritesInput ? request.Input : target.ChildWorkflowInstanceCreated.Input;
                break;
            case Kind.TimerCreated when request.OverwritesInput:
                throw WorkflowErrors.CannotRerun($"cannot write input to timer event '{request.EventId}'");
            case Kind.TimerCreated:
                target.TimerCreated.RerunParentInstanceInfo = parent;
                break;
            default:
                throw WorkflowErrors.NothingToRerun(
                    $"target event '*protos.HistoryEvent_{target.EventTypeCase}' with ID '{request.EventId}' is not an event that can be rerun");
        }
    }
}
