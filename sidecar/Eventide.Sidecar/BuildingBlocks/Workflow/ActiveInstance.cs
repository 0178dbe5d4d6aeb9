using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>An instance that is loaded. Its fields belong to whoever holds <see cref="Gate"/>.</summary>
internal sealed class ActiveInstance(string id, StoredInstance stored) : IDisposable
{
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Id => id;

    public SemaphoreSlim Gate { get; } = new(1, 1);

    public InstanceState State { get; set; } = stored.State;

    /// <summary>The call that this instance is the child of; null when it has no parent. Known from its creation on, and kept when it continues as new.</summary>
    public ParentInstanceInfo? Parent { get; } =
        (stored.State.Started ?? stored.Inbox.Select(entry => entry.Event.ExecutionStarted).FirstOrDefault(e => e is not null))?.ParentInstance;

    /// <summary>Events that wait for the next turn; a row of -1 is not stored because it follows from the history (results, timers).</summary>
    public List<(int Row, HistoryEvent Event)> Inbox { get; } = [.. stored.Inbox];

    public int FirstInboxRow { get; set; } = stored.Inbox.Count > 0 ? stored.Inbox[0].Row : stored.NextInboxRow;

    public int NextInboxRow { get; set; } = stored.NextInboxRow;

    public ulong Generation { get; set; } = stored.Generation;

    /// <summary>The turn that a worker has now; null when none is out.</summary>
    public TurnInHand? Turn { get; set; }

    /// <summary>Fires the next timer.</summary>
    public Dictionary<int, ITimer> Timers { get; } = [];

    /// <summary>Set when the instance left memory; whoever waited for the gate has to load it again.</summary>
    public bool IsGone { get; set; }

    /// <summary>Completes at the next committed change.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>Wakes everyone who waits for a change.</summary>
    public void NotifyChanged() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    public StoredInstance ToStored() => new(State, Inbox.Where(entry => entry.Row >= 0).ToList(), NextInboxRow, Generation);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var timer in Timers.Values)
        {
            timer.Dispose();
        }

        Timers.Clear();
    }
}
