namespace Dapr.Workflow.Worker;

/// <summary>Counts the work items in hand, so that a stopping worker can finish them. Thread-safe.</summary>
internal sealed class WorkItemsInFlight
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private bool _closed;

    /// <summary>Takes one in hand; false once the worker is stopping.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_closed)
                return false;

            _count++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            if (--_count == 0 && _closed)
                _drained.TrySetResult();
        }
    }

    /// <summary>Takes nothing more; completes when nothing is in hand.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _closed = true;
            if (_count == 0)
                _drained.TrySetResult();
        }

        return _drained.Task;
    }
}
