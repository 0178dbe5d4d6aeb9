namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>Removes instances from the store. Thread-safe.</summary>
internal sealed class InstanceRemoval(InstanceDirectory directory, WorkflowStore store, EventDelivery delivery)
{
    /// <summary>
    /// Removes an instance that has ended, or any with <paramref name="force"/>, with <paramref name="recursive"/> its children too; gives the number removed.
    /// Throws for an unknown instance and for one that runs.
    /// </summary>
    public async Task<int> PurgeAsync(string id, bool recursive, bool force, CancellationToken cancellationToken)
    {
        var instance = await directory.FindAsync(id, cancellationToken) ?? throw WorkflowErrors.NoSuchInstance(id);
        if (!instance.Description.HasEnded && !force)
        {
            throw WorkflowErrors.NotCompleted(id);
        }

        var removed = 0;
        foreach (var child in recursive ? await ChildrenAsync(instance) : [])
        {
            if (child != id && await directory.FindAsync(child, cancellationToken) is not null)
            {
                removed += await PurgeAsync(child, recursive, force, cancellationToken);
            }
        }

        if (instance.Description.HasEnded)
        {
            return removed + (await TryRemoveEndedAsync(id, cancellationToken) ? 1 : 0);
        }

        return removed + (await RemoveRunningAsync(instance, cancellationToken) ? 1 : 0);
    }

    /// <summary>Removes an ended instance; false when it is gone or runs anew.</summary>
    public async Task<bool> TryRemoveEndedAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (directory.TryReserve(id) is { } reservation)
            {
                using (reservation)
                {
                    if (await store.LoadAsync(id, cancellationToken) is not { State.Completed: not null } stored)
                    {
                        return false;
                    }

                    await store.PurgeAsync(id, stored, cancellationToken);
                    return true;
                }
            }

            if (await directory.FindAsync(id, cancellationToken) is not { Description.HasEnded: true })
            {
                return false;
            }
        }
    }

    private async Task<bool> RemoveRunningAsync(ActiveInstance instance, CancellationToken cancellationToken)
    {
        return await instance.WithGateAsync(async () =>
        {
            try
            {
                await store.PurgeAsync(instance.Id, instance.ToStored(), cancellationToken);
            }
            catch
            {
                delivery.Reload(instance);
                throw;
            }

            directory.Forget(instance);
        });
    }

    private static async Task<IReadOnlyList<string>> ChildrenAsync(ActiveInstance instance)
    {
        IReadOnlyList<string> children = [];
        await instance.WithGateAsync(() => children = instance.State.History.Where(e => e.ChildWorkflowInstanceCreated is not null)
            .Select(e => e.ChildWorkflowInstanceCreated.InstanceId).Distinct().ToList());
        return children;
    }
}
