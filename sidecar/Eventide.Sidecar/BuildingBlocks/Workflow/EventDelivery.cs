using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>What became of an event for an instance.</summary>
internal enum Delivery
{
    Delivered,
    NoSuchInstance,

    /// <summary>The instance has ended and takes nothing more.</summary>
    HasEnded,
}

/// <summary>Puts events into the inboxes of instances and starts the turns that take them. Thread-safe.</summary>
/// <param name="directory">Finds them.</param>
/// <param name="store">Keeps what has to be kept.</param>
/// <param name="turns">Start.</param>
/// <param name="background">Loads again what a failed write took out of memory.</param>
/// <param name="foundEnded">Called for an instance that turns out to have ended by a write that was reported as failed.</param>
internal sealed class EventDelivery(
    InstanceDirectory directory, WorkflowStore store, TurnDispatcher turns, BackgroundWork background, Action<InstanceDescription> foundEnded)
{
    /// <summary>
    /// Delivers an event that has to be stored; completes when it is. If the store fails, it may or may not be.
    /// </summary>
    /// <param name="outgoingKey">The key under which the event waits as one of another instance; it goes with the same write.</param>
    public async Task<Delivery> DeliverAsync(string id, HistoryEvent e, string? outgoingKey, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await directory.FindAsync(id, cancellationToken) is not { } instance)
            {
                return Delivery.NoSuchInstance;
            }

            if (instance.Description.HasEnded)
            {
                return Delivery.HasEnded;
            }

            if (await instance.WithGateAsync(() => AddAsync(instance, e, outgoingKey, cancellationToken)))
            {
                return Delivery.Delivered;
            }
        }
    }

    /// <summary>
    /// Delivers an event that need not be stored because it follows from the history of one execution. The next one counts its calls from 0 again, so what still
    /// comes for an earlier execution is dropped; an empty <paramref name="executionId"/> is of a worker that does not say.
    /// </summary>
    public async Task DeliverDerivedAsync(string id, string? executionId, HistoryEvent e)
    {
        while (await directory.FindAsync(id, background.Stopping) is { Description.HasEnded: false } instance)
        {
            if (await instance.WithGateAsync(() => AddDerived(instance, executionId, e)))
            {
                return;
            }
        }
    }

    /// <summary>Takes an instance out of memory after a failed write, because only the store knows now how far it has come, and continues it from there.</summary>
    public void Reload(ActiveInstance instance)
    {
        directory.Forget(instance);
        background.Run(
            async () =>
            {
                if (await directory.FindAsync(instance.Id, background.Stopping) is { Description: { HasEnded: true } ended })
                {
                    foundEnded(ended);
                }
            },
            after: TimeSpan.FromSeconds(1));
    }

    private async Task AddAsync(ActiveInstance instance, HistoryEvent e, string? outgoingKey, CancellationToken cancellationToken)
    {
        try
        {
            await store.AddToInboxAsync(instance, e, outgoingKey, cancellationToken);
        }
        catch
        {
            Reload(instance);
            throw;
        }

        instance.Inbox.Add((instance.NextInboxRow++, e));
        turns.StartNext(instance);
    }

    private void AddDerived(ActiveInstance instance, string? executionId, HistoryEvent e)
    {
        if ((string.IsNullOrEmpty(executionId) || executionId == instance.ExecutionId) && instance.State.Accepts(e))
        {
            instance.Inbox.Add((-1, e));
            turns.StartNext(instance);
        }
    }
}
