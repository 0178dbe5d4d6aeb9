namespace Eventide.Scaling.Hpa;

/// <summary>Changes in one direction, by when they happened.</summary>
internal sealed class ScaleEvents
{
    private readonly Queue<(DateTimeOffset At, int Change)> _entries = new();

    public void Add(DateTimeOffset now, int change, TimeSpan keep)
    {
        while (_entries.TryPeek(out var oldest) && oldest.At <= now - keep)
        {
            _entries.Dequeue();
        }

        _entries.Enqueue((now, change));
    }

    /// <summary>How many replicas in all, after <paramref name="cutoff"/>.</summary>
    public int Since(DateTimeOffset cutoff) => _entries.Where(entry => entry.At > cutoff).Sum(entry => entry.Change);
}
