using System.Diagnostics;
using Dapr.Workflow.Replay;
using Eventide.Workflow.Protocol;

namespace Dapr.Workflow.Worker;

/// <summary>Joins the worker to the trace that started the instance. The source and the span's name are the official library's.</summary>
internal static class WorkflowTracing
{
    private static readonly ActivitySource Source = new("Dapr.Workflow");

    /// <summary>
    /// A span around an activity. Without a listener it is an Activity that nobody exports: what the activity calls still has to carry the trace on.
    /// </summary>
    public static Activity? StartActivity(ActivityRequest request)
    {
        var name = $"WorkflowActivity {request.Name}";
        if (request.ParentTraceContext is not { TraceParent.Length: > 0 } trace)
            return Source.StartActivity(name);

        var activity = ActivityContext.TryParse(trace.TraceParent, trace.TraceState, isRemote: true, out var parent)
            ? Source.StartActivity(name, ActivityKind.Internal, parent)
            : null;
        activity?.SetTag("durabletask.type", "activity");
        activity?.SetTag("durabletask.task.name", request.Name);
        activity?.SetTag("durabletask.task.instance_id", request.WorkflowInstance?.InstanceId);
        activity?.SetTag("durabletask.task.task_id", request.TaskId);
        return activity ?? Follow(trace, name);
    }

    /// <summary>Puts a turn's logs into the trace. It is no span: turns are replays, and their number says nothing to whoever reads the trace.</summary>
    public static Activity? FollowTurn(Timeline timeline) =>
        timeline.Start?.ExecutionStarted.ParentTraceContext is { TraceParent.Length: > 0 } trace ? Follow(trace, "WorkflowTurn") : null;

    private static Activity Follow(TraceContext trace, string name)
    {
        var activity = new Activity(name).SetParentId(trace.TraceParent);
        activity.TraceStateString = trace.TraceState;
        return activity.Start();
    }
}
