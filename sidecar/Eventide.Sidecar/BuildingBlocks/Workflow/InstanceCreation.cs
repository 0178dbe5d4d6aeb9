using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// Creates instances. An id belongs to one running instance at a time; one that has ended is wiped and its id starts anew, once its children have ended too. Thread-safe.
/// </summary>
/// <param name="directory">Knows which ids are taken.</param>
/// <param name="store">Keeps the instances.</param>
/// <param name="resume">Starts what a stored instance asks for; called under its gate.</param>
/// <param name="background">Looks again after a failed write.</param>
internal sealed class InstanceCreation(InstanceDirectory directory, WorkflowStore store, Action<ActiveInstance> resume, BackgroundWork background)
{
    /// <summary>Creates an instance by itself; completes when it is stored. Throws when an active one has that id.</summary>
    public async Task CreateAsync(string id, Func<StoredInstance?, StoredInstance> make, CancellationToken cancellationToken)
    {
        var creation = await TryBeginAsync(id, cancellationToken) ?? throw WorkflowErrors.AlreadyExists(id);
        using (creation)
        {
            var stored = make(creation.Previous);
            await store.CreateAsync([(id, stored, creation.Previous)], cancellationToken);
            await FinishAsync(creation, stored);
        }
    }

    /// <summary>
    /// Takes the id for a new instance; null when an active one has it. Whoever needs several at once asks for them in ordinal order, so that two can never
    /// wait for each other.
    /// </summary>
    public async Task<Creation?> TryBeginAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (directory.TryReserve(id) is { } reservation)
            {
                var creation = new Creation(reservation, this);
                try
                {
                    creation.Previous = await store.LoadAsync(id, cancellationToken);
                    if (creation.Previous is null || await IsOverAsync(creation.Previous, cancellationToken))
                    {
                        return creation;
                    }
                }
                catch
                {
                    creation.Dispose();
                    throw;
                }

                creation.Dispose();
                return null;
            }

            if (await directory.FindAsync(id, cancellationToken) is { Description.HasEnded: false })
            {
                return null;
            }
        }
    }

    /// <summary>The instance is stored: it lives, and does what it has to do next.</summary>
    public Task FinishAsync(Creation creation, StoredInstance stored)
    {
        var instance = new ActiveInstance(creation.Id, stored);
        creation.Created(instance);
        return instance.WithGateAsync(() => resume(instance));
    }

    private void Recheck(string id) => background.Run(() => directory.FindAsync(id, background.Stopping));

    private async Task<bool> IsOverAsync(StoredInstance previous, CancellationToken cancellationToken)
    {
        if (previous.State.Completed is null)
        {
            return false;
        }

        foreach (var child in previous.State.PendingChildren.Values)
        {
            if (await directory.FindAsync(child.ChildWorkflowInstanceCreated.InstanceId, cancellationToken) is { Description.HasEnded: false })
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>An id that is taken for a new instance. Disposing it gives the id back if nothing was created.</summary>
    public sealed class Creation(InstanceDirectory.Reservation reservation, InstanceCreation creation) : IDisposable
    {
        private bool _isCreated;

        public string Id => reservation.Id;

        /// <summary>The ended instance whose rows the new one replaces.</summary>
        public StoredInstance? Previous { get; set; }

        /// <summary>The instance is stored.</summary>
        public void Created(ActiveInstance instance)
        {
            _isCreated = true;
            reservation.Created(instance);
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            reservation.Dispose();
            if (!_isCreated)
            {
                // A write that failed may have been done: then the instance runs.
                creation.Recheck(Id);
            }
        }
    }
}
