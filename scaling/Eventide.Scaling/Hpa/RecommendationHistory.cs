namespace Eventide.Scaling.Hpa;

/// <summary>What the metrics asked for at earlier looks, before any limit.</summary>
internal sealed class RecommendationHistory
{
    private readonly List<(DateTimeOffset At, int Replicas)> _entries = [];
    private bool _isSeeded;

    /// <summary>A controller that has just started remembers the replicas it found, so that it does not scale down at once.</summary>
    public void Seed(DateTimeOffset now, int replicas)
    {
        if (!_isSeeded)
        {
            _entries.Add((now, replicas));
            _isSeeded = true;
        }
    }

    public void Add(DateTimeOffset now, int replicas, TimeSpan keep)
    {
        _entries.RemoveAll(entry => entry.At < now - keep);
        _entries.Add((now, replicas));
    }

    public int HighestSince(DateTimeOffset cutoff, int atLeast) => _entries.Where(entry => entry.At > cutoff).Select(entry => entry.Replicas).Append(atLeast).Max();

    public int LowestSince(DateTimeOffset cutoff, int atMost) => _entries.Where(entry => entry.At > cutoff).Select(entry => entry.Replicas).Append(atMost).Min();
}
