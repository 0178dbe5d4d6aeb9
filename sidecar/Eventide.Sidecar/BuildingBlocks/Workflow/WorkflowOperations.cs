using Eventide.Sidecar.Tracing;
using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// What a client can do with instances, once for all API surfaces. The events that ask for something are stored when a call returns; what waits says so. Thread-safe.
/// </summary>
internal sealed class WorkflowOperations(WorkflowBlock block, TimeProvider time)
{
    private WorkflowEngine Engine => block.Engine;

    /// <summary>Creates an instance, in the caller's trace unless it names another; throws AlreadyExists when an active one has that id.</summary>
    public Task StartAsync(string id, ExecutionStartedEvent started, CancellationToken cancellationToken)
    {
        RefuseUnusable(id);
        if (started.Name.Length == 0)
        {
            throw WorkflowErrors.NameMissing();
        }

        started.ParentTraceContext ??= SidecarTracing.TraceParent is { } parent ? new TraceContext { TraceParent = parent } : null;
        return Engine.StartAsync(id, started, cancellationToken);
    }

    /// <summary>The instance, or null.</summary>
    public Task<InstanceDescription?> GetAsync(string id, CancellationToken cancellationToken) => Engine.GetAsync(id, cancellationToken);

    /// <summary>Waits until the first turn ran; null when there is no such instance.</summary>
    public Task<InstanceDescription?> WaitForStartAsync(string id, CancellationToken cancellationToken) =>
        Engine.WaitAsync(id, instance => instance.Status != WorkflowStatus.Pending, cancellationToken);

    /// <summary>Waits until the instance has ended; null when there is no such instance.</summary>
    public Task<InstanceDescription?> WaitForEndAsync(string id, CancellationToken cancellationToken) =>
        Engine.WaitAsync(id, instance => instance.HasEnded, cancellationToken);

    /// <summary>Raises an event; an instance that has ended drops it.</summary>
    public Task RaiseEventAsync(string id, string name, string? input, CancellationToken cancellationToken) =>
        Engine.DeliverAsync(id, time.Raised(name, input), cancellationToken);

    /// <summary>Asks the instance to end, with <paramref name="recursive"/> its children too.</summary>
    public Task TerminateAsync(string id, string? output, bool recursive, CancellationToken cancellationToken) =>
        Engine.DeliverAsync(id, time.Terminated(output, recursive), cancellationToken);

    /// <summary>Asks the instance to pause; what arrives meanwhile is kept.</summary>
    public Task SuspendAsync(string id, string? reason, CancellationToken cancellationToken)
    {
        var e = time.NewEvent();
        e.ExecutionSuspended = new ExecutionSuspendedEvent { Input = reason };
        return Engine.DeliverAsync(id, e, cancellationToken);
    }

    /// <summary>Waits until the instance is paused, or has ended before.</summary>
    public Task WaitForSuspensionAsync(string id, CancellationToken cancellationToken) =>
        Engine.WaitAsync(id, instance => instance.IsSuspended || instance.HasEnded, cancellationToken);

    /// <summary>Asks a paused instance to go on.</summary>
    public Task ResumeAsync(string id, string? reason, CancellationToken cancellationToken)
    {
        var e = time.NewEvent();
        e.ExecutionResumed = new ExecutionResumedEvent { Input = reason };
        return Engine.DeliverAsync(id, e, cancellationToken);
    }

    /// <summary>Waits until the instance is not paused, or has ended before.</summary>
    public Task WaitForResumptionAsync(string id, CancellationToken cancellationToken) =>
        Engine.WaitAsync(id, instance => !instance.IsSuspended || instance.HasEnded, cancellationToken);

    /// <summary>Removes an instance that has ended; gives the number removed.</summary>
    public Task<int> PurgeAsync(string id, bool recursive, bool force, CancellationToken cancellationToken) =>
        Engine.PurgeAsync(id, recursive, force, cancellationToken);

    /// <summary>The committed events. Throws when there is no such instance.</summary>
    public async Task<IReadOnlyList<HistoryEvent>> HistoryAsync(string id, CancellationToken cancellationToken) =>
        await Engine.HistoryAsync(id, cancellationToken) ?? throw WorkflowErrors.NoSuchInstance(id);

    /// <summary>Runs an ended instance again from one of its events, as a new instance.</summary>
    public Task RerunAsync(RerunRequest request, CancellationToken cancellationToken)
    {
        RefuseUnusable(request.NewId);
        return Engine.RerunAsync(request, cancellationToken);
    }

    /// <summary>At most <paramref name="size"/> ids behind <paramref name="after"/> in ordinal order, and whether there are more.</summary>
    public async Task<(IReadOnlyList<string> Ids, bool HasMore)> ListAsync(string? after, int size, CancellationToken cancellationToken)
    {
        var ids = (await Engine.ListAsync(cancellationToken)).Where(id => after is null || string.CompareOrdinal(id, after) > 0).Take(size + 1).ToList();
        return (ids.Take(size).ToList(), ids.Count > size);
    }

    // The separator of state keys: with it an id could reach into another one's rows.
    private static void RefuseUnusable(string id)
    {
        if (id.Length == 0 || id.Contains("||", StringComparison.Ordinal))
        {
            throw WorkflowErrors.UnusableId(id);
        }
    }
}
