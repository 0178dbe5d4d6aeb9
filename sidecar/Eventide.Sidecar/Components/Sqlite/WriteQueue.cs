namespace Eventide.Sidecar.Components.Sqlite;

/// <summary>
/// What waits for the one writer of a file. Some writes are waited for; others only have to happen, and lie here for a moment because the next commit takes
/// them along for nothing. Thread-safe; one taker.
/// </summary>
/// <param name="capacity">Callers that write without a pause wait here while so many are before them.</param>
/// <param name="patience">How long a write that nobody waits for lies here at most.</param>
internal sealed class WriteQueue<T>(int capacity, TimeSpan patience)
{
    private readonly object _gate = new();
    private readonly Queue<T> _writes = new();
    private bool _urgent;
    private bool _closed;

    /// <summary>Adds a write; false when the queue is closed.</summary>
    public bool TryAdd(T write, bool urgent)
    {
        lock (_gate)
        {
            while (_writes.Count >= capacity && !_closed)
            {
                Monitor.Wait(_gate);
            }

            if (_closed)
            {
                return false;
            }

            _writes.Enqueue(write);

            // The taker waits in one of two ways: for anything at all, or for something urgent.
            if (_writes.Count == 1 || (urgent && !_urgent))
            {
                Monitor.PulseAll(_gate);
            }

            _urgent |= urgent;
            return true;
        }
    }

    /// <summary>Waits for writes and moves up to <paramref name="max"/> of them into <paramref name="batch"/>; false when the queue is closed and empty.</summary>
    public bool Take(List<T> batch, int max)
    {
        lock (_gate)
        {
            while (_writes.Count == 0 && !_closed)
            {
                Monitor.Wait(_gate);
            }

            var patient = Environment.TickCount64 + (long)patience.TotalMilliseconds;
            while (!_urgent && !_closed && patient - Environment.TickCount64 is var left and > 0)
            {
                Monitor.Wait(_gate, (int)left);
            }

            var wasFull = _writes.Count >= capacity;
            while (batch.Count < max && _writes.TryDequeue(out var write))
            {
                batch.Add(write);
            }

            _urgent = _writes.Count > 0;
            if (wasFull)
            {
                Monitor.PulseAll(_gate);
            }

            return batch.Count > 0;
        }
    }

    /// <summary>Nothing more is added; what is there is still taken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }
}
