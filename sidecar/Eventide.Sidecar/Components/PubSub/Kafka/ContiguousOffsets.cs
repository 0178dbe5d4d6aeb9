namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>
/// What has been handled of one partition without a gap, also when several handlers are at work and end in any order. Offsets may have holes of their own.
/// Thread-safe.
/// </summary>
internal sealed class ContiguousOffsets
{
    private readonly Lock _lock = new();
    private readonly Queue<Entry> _open = new();
    private long _next = -1;
    private long _taken = -1;

    /// <summary>A handler begins; called in the order of the offsets.</summary>
    public Entry Begin(long offset)
    {
        var entry = new Entry(offset);
        lock (_lock)
        {
            _open.Enqueue(entry);
        }

        return entry;
    }

    /// <summary>That handler has finished.</summary>
    public void Done(Entry entry)
    {
        lock (_lock)
        {
            entry.IsDone = true;
            while (_open.TryPeek(out var first) && first.IsDone)
            {
                _next = _open.Dequeue().Offset + 1;
            }
        }
    }

    /// <summary>The offset from which a successor goes on, if it has changed since the last call.</summary>
    public bool TryTake(out long next)
    {
        lock (_lock)
        {
            next = _next;
            return next > _taken && (_taken = next) == next;
        }
    }

    /// <summary>A message in hand.</summary>
    internal sealed class Entry(long offset)
    {
        public long Offset => offset;

        public bool IsDone { get; set; }
    }
}
