using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// The tie between a call of a child workflow and the child. Children are created by the very commit of the turn that calls them, so there is no moment at which
/// one is asked for and does not exist. Thread-safe.
/// </summary>
internal sealed class ChildWorkflows(string appId, InstanceDirectory directory, EventDelivery delivery, BackgroundWork background, TimeProvider time)
{
    /// <summary>The first event of the child that <paramref name="call"/> asks for.</summary>
    public HistoryEvent Start(string parentId, ExecutionStartedEvent started, HistoryEvent call) => time.Started(
        call.ChildWorkflowInstanceCreated.InstanceId,
        new ExecutionStartedEvent
        {
            Name = call.ChildWorkflowInstanceCreated.Name,
            Version = call.ChildWorkflowInstanceCreated.Version,
            Input = call.ChildWorkflowInstanceCreated.Input,
            ParentTraceContext = call.ChildWorkflowInstanceCreated.ParentTraceContext,
            ParentInstance = Tie(parentId, started, call),
        });

    /// <summary>The child ended: its parent learns the outcome. The parent finds out by itself after a crash, so nothing is stored for it.</summary>
    public void TellParent(InstanceDescription child)
    {
        if (child is { Started.ParentInstance: { } parent, Completed: { } completed })
        {
            background.Run(() => delivery.DeliverDerivedAsync(
                parent.WorkflowInstance.InstanceId, parent.WorkflowInstance.ExecutionId, time.ChildEnded(parent.TaskScheduledId, completed)));
        }
    }

    /// <summary>Finds out about a child after a start: it runs and will tell, it has ended, or the id was another's when it was called.</summary>
    public async Task FollowAsync(string parentId, ExecutionStartedEvent started, HistoryEvent call)
    {
        var id = call.ChildWorkflowInstanceCreated.InstanceId;
        if (await directory.FindAsync(id, background.Stopping) is not { } child || !Tie(parentId, started, call).Equals(child.Parent))
        {
            await RefuseAsync(parentId, started, call);
        }
        else if (child.Description.HasEnded)
        {
            TellParent(child.Description);
        }
    }

    /// <summary>Whether the child would run in this app; others are not served.</summary>
    public bool IsServed(HistoryEvent call) => call.ForeignApp(appId) is null;

    /// <summary>The call fails: the child belongs to another app, or an active instance has its id.</summary>
    public Task RefuseAsync(string parentId, ExecutionStartedEvent started, HistoryEvent call) => delivery.DeliverDerivedAsync(
        parentId, started.WorkflowInstance?.ExecutionId, time.ChildFailed(call.EventId, call.ForeignApp(appId) is { } other
            ? WorkflowEvents.ForeignAppFailure($"Child workflow '{call.ChildWorkflowInstanceCreated.Name}'", other)
            : new TaskFailureDetails
            {
                ErrorType = "AlreadyExists",
                ErrorMessage = WorkflowErrors.AlreadyExists(call.ChildWorkflowInstanceCreated.InstanceId).Message,
            }));

    private static ParentInstanceInfo Tie(string parentId, ExecutionStartedEvent started, HistoryEvent call) => new()
    {
        TaskScheduledId = call.EventId,
        Name = started.Name,
        WorkflowInstance = new WorkflowInstance { InstanceId = parentId, ExecutionId = started.WorkflowInstance?.ExecutionId },
    };
}
