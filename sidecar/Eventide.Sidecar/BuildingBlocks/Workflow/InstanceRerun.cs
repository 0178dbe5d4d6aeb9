using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>Runs ended instances again from one of their events, as new instances with new children. Thread-safe.</summary>
internal sealed class InstanceRerun(InstanceDirectory directory, InstanceCreation creation, ChildWorkflows children, WorkflowStore store)
{
    /// <summary>Creates the new instance; completes when it is stored. Throws for what cannot be rerun.</summary>
    public async Task RunAsync(RerunRequest request, CancellationToken cancellationToken)
    {
        var source = await directory.FindAsync(request.SourceId, cancellationToken) ?? throw WorkflowErrors.NoSuchInstance(request.SourceId);
        if (!source.Description.HasEnded)
        {
            throw WorkflowErrors.CannotRerun($"'{request.SourceId}' is not in a terminal state");
        }

        if (source.Parent is not null)
        {
            throw WorkflowErrors.CannotRerun($"'{request.SourceId}': cannot rerun from child-workflows");
        }

        if (request.NewId == request.SourceId)
        {
            throw WorkflowErrors.CannotRerun($"'{request.SourceId}' cannot be rerun under its own instance ID; name another one");
        }

        var state = new InstanceState();
        HistoryFork.Make(source.State.History, request, Guid.NewGuid().ToString("N")).ForEach(state.Apply);
        using var instances = new NewInstances(creation);
        var starts = Children(request, state);
        starts.Add((request.NewId, previous => new StoredInstance(state, [], 0, (previous?.Generation ?? 0) + 1)));
        foreach (var (id, make) in starts.OrderBy(start => start.Id, StringComparer.Ordinal))
        {
            if (!await instances.TryAddAsync(id, make, cancellationToken))
            {
                throw WorkflowErrors.AlreadyExists(id);
            }
        }

        await store.CreateAsync(instances.ToStore(), cancellationToken);
        await instances.FinishAsync();
    }

    /// <summary>Children without an outcome run again too, under ids of their own: the old ones are the source's.</summary>
    private List<(string Id, Func<StoredInstance?, StoredInstance> Make)> Children(RerunRequest request, InstanceState state)
    {
        var starts = new List<(string, Func<StoredInstance?, StoredInstance>)>();
        foreach (var call in state.PendingChildren.Values)
        {
            var isTarget = call.EventId == request.EventId;
            call.ChildWorkflowInstanceCreated.InstanceId = isTarget && request.NewChildId is { Length: > 0 } given ? given : $"{request.NewId}:{call.EventId:x4}";
            var start = children.Start(request.NewId, state.Started!, call);
            starts.Add((call.ChildWorkflowInstanceCreated.InstanceId, previous => StoredInstance.New(start, previous)));
        }

        return starts;
    }
}
