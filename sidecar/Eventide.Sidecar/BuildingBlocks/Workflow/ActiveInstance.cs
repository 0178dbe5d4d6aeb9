using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// An instance that is loaded. Its fields belong to whoever holds its gate; <see cref="Description"/>, <see cref="Changed"/> and <see cref="Parent"/> may be read
/// by anyone.
/// </summary>
internal sealed class ActiveInstance
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile InstanceDescription _description;
    private volatile bool _isGone;

    public ActiveInstance(string id, StoredInstance stored)
    {
        Id = id;
        State = stored.State;
        Inbox = [.. stored.Inbox];
        FirstInboxRow = stored.Inbox.Count > 0 ? stored.Inbox[0].Row : stored.NextInboxRow;
        NextInboxRow = stored.NextInboxRow;
        Generation = stored.Generation;
        _description = Describe();
        Parent = _description.Started?.ParentInstance;
    }

    public string Id { get; }

    public InstanceState State { get; set; }

    /// <summary>The call that this instance is the child of; null when it has no parent. Kept when it continues as new.</summary>
    public ParentInstanceInfo? Parent { get; }

    /// <summary>Events that wait for the next turn; a row of -1 is not stored because it follows from the history (results, timers).</summary>
    public List<(int Row, HistoryEvent Event)> Inbox { get; }

    public int FirstInboxRow { get; set; }

    public int NextInboxRow { get; set; }

    public ulong Generation { get; set; }

    /// <summary>The turn that a worker has now; null when none is out.</summary>
    public TurnInHand? Turn { get; set; }

    /// <summary>Fires the next timer.</summary>
    public Dictionary<int, ITimer> Timers { get; } = [];

    /// <summary>Set when the instance left memory; whoever waited for it has to look it up again.</summary>
    public bool IsGone => _isGone;

    /// <summary>The instance at the last committed change.</summary>
    public InstanceDescription Description => _description;

    /// <summary>Completes at the next committed change, or when the instance leaves memory.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>Identifies the current execution; the next one of a workflow that continues as new counts its calls from 0 again.</summary>
    public string ExecutionId => State.Started?.WorkflowInstance?.ExecutionId ?? string.Empty;

    /// <summary>The instance as the store holds it.</summary>
    public StoredInstance ToStored() =>
        new(State, (Turn?.Taken ?? []).Concat(Inbox).Where(entry => entry.Row >= 0).ToList(), NextInboxRow, Generation);

    /// <summary>Runs <paramref name="action"/> alone; false, without running it, when the instance left memory.</summary>
    public async Task<bool> WithGateAsync(Func<Task> action)
    {
        await _gate.WaitAsync();
        try
        {
            if (_isGone)
            {
                return false;
            }

            await action();
            return true;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Runs <paramref name="action"/> alone; false, without running it, when the instance left memory.</summary>
    public Task<bool> WithGateAsync(Action action) => WithGateAsync(() =>
    {
        action();
        return Task.CompletedTask;
    });

    /// <summary>Shows the new state to everyone who waits for a change.</summary>
    public void Publish()
    {
        _description = Describe();
        Wake();
    }

    /// <summary>Takes the instance out of use.</summary>
    public void Close()
    {
        _isGone = true;
        StopTimers();
        Wake();
    }

    /// <summary>Stops all timers.</summary>
    public void StopTimers()
    {
        foreach (var timer in Timers.Values)
        {
            timer.Dispose();
        }

        Timers.Clear();
    }

    private void Wake() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private InstanceDescription Describe()
    {
        var start = State.Start ?? Inbox.Find(entry => entry.Event.ExecutionStarted is not null).Event;
        return new InstanceDescription
        {
            Id = Id,
            // Between two executions of one instance nothing has run yet, but it is not a new one either.
            Status = State.Status == WorkflowStatus.Pending && _description is { Status: not WorkflowStatus.Pending } ? WorkflowStatus.Running : State.Status,
            Started = start?.ExecutionStarted,
            CreatedAt = start?.Timestamp,
            StartedAt = State.StartedAt,
            UpdatedAt = State.History.Count > 0 ? State.History[^1].Timestamp : start?.Timestamp,
            Completed = State.Completed,
            CompletedAt = State.CompletedAt,
            CustomStatus = State.CustomStatus,
            IsSuspended = State.IsSuspended,
        };
    }
}
