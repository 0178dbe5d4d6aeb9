using Eventide.Workflow.Protocol;
using Event = Eventide.Workflow.Protocol.HistoryEvent.EventTypeOneofCase;
using Kind = Eventide.Workflow.Protocol.WorkflowAction.WorkflowActionTypeOneofCase;

namespace Dapr.Workflow.Replay;

/// <summary>The workflow's code does not do again what its history says it did. The message names the line at fault and the ways out.</summary>
internal sealed class NonDeterminismException : Exception
{
    private const string WaysOut =
        "The code of running instances must not change what it calls, nor depend on anything but the workflow context: undo the change, put the new path behind " +
        "context.IsPatched(\"name of the change\"), or register the changed code under a new workflow name.";

    private NonDeterminismException(string what)
        : base($"The workflow is not deterministic: {what}. {WaysOut}")
    {
    }

    /// <summary>The code calls something else.</summary>
    public static NonDeterminismException Different(HistoryEvent recorded, DurableCall call) =>
        new($"history has {Describe(recorded)} as action {recorded.EventId}, but {Where(call)} now calls {Describe(call.Action)}");

    /// <summary>The code does not get that far.</summary>
    public static NonDeterminismException Missing(HistoryEvent recorded, DurableCall? last) => new(last is null
        ? $"history has {Describe(recorded)} as action {recorded.EventId}, but the code now calls nothing"
        : $"history has {Describe(recorded)} as action {recorded.EventId}, but the code now stops before it: its last call is {Describe(last.Action)} " +
          $"as action {last.Action.Id}, in {Where(last)}");

    /// <summary>The code calls something that was not called then.</summary>
    public static NonDeterminismException Extra(DurableCall call) =>
        new($"{Where(call)} now calls {Describe(call.Action)} as action {call.Action.Id}, which history does not have");

    private static string Where(DurableCall call) => call.Site?.ToString() ?? "the code";

    private static string Describe(HistoryEvent recorded) => recorded.EventTypeCase switch
    {
        Event.TaskScheduled => $"activity '{recorded.TaskScheduled.Name}'",
        Event.ChildWorkflowInstanceCreated => $"child workflow '{recorded.ChildWorkflowInstanceCreated.Name}'",
        Event.TimerCreated when recorded.TimerCreated.ExternalEvent is { } origin => $"a timed wait for event '{origin.Name}'",
        Event.TimerCreated => "a timer",
        Event.EventSent => $"event '{recorded.EventSent.Name}' to instance '{recorded.EventSent.InstanceId}'",
        var other => other.ToString(),
    };

    private static string Describe(WorkflowAction action) => action.WorkflowActionTypeCase switch
    {
        Kind.ScheduleTask => $"activity '{action.ScheduleTask.Name}'",
        Kind.CreateChildWorkflow => $"child workflow '{action.CreateChildWorkflow.Name}'",
        Kind.CreateTimer when action.CreateTimer.ExternalEvent is { } origin => $"a timed wait for event '{origin.Name}'",
        Kind.CreateTimer => "a timer",
        Kind.SendEvent => $"event '{action.SendEvent.Name}' to instance '{action.SendEvent.Instance.InstanceId}'",
        var other => other.ToString(),
    };
}
