using Eventide.Scaling.Hpa;

namespace Eventide.Scaling.Services;

/// <summary>The replicas of one service through their lives: asked for, starting, ready, draining, gone. Not thread-safe.</summary>
internal sealed class ReplicaSet(ServiceModel model, DateTimeOffset begin, int replicas)
{
    // Oldest first. Those that were there at the begin had started long before.
    private readonly List<Replica> _living = [.. Enumerable.Range(0, replicas).Select(_ => new Replica(begin - TimeSpan.FromHours(1), begin - TimeSpan.FromHours(1)))];
    private readonly List<Replica> _draining = [];

    /// <summary>What the scale subresource asks for.</summary>
    public int Wanted => _living.Count;

    /// <summary>Pods that are not being deleted.</summary>
    public int Living => _living.Count;

    /// <summary>Pods that use a node, draining ones too.</summary>
    public int Existing => _living.Count + _draining.Count;

    /// <summary>How many can work.</summary>
    public int ReadyAt(DateTimeOffset now) => _living.Count(replica => replica.ReadyAt <= now);

    /// <summary>Moves to <paramref name="wanted"/>; answers how many ready ones were removed. The newest go first, as Kubernetes chooses.</summary>
    public int Scale(DateTimeOffset now, int wanted)
    {
        while (_living.Count < wanted)
        {
            _living.Add(new Replica(now, now + model.StartTime));
        }

        var removed = 0;
        while (_living.Count > wanted)
        {
            var newest = _living[^1];
            _living.RemoveAt(_living.Count - 1);
            if (newest.ReadyAt <= now)
            {
                removed++;
                _draining.Add(newest with { GoneAt = now + model.DrainTime });
            }
        }

        return removed;
    }

    public void Advance(DateTimeOffset now) => _draining.RemoveAll(replica => replica.GoneAt <= now);

    /// <summary>As the autoscaler sees them, when each ready one has used <paramref name="usage"/>.</summary>
    public IReadOnlyList<PodView> Views(DateTimeOffset now, Cores usage, DateTimeOffset sampledAt, TimeSpan window) =>
    [
        .. _living.Select(replica => replica.ReadyAt <= now
            ? new PodView(PodPhase.Running, IsReady: true, replica.CreatedAt, replica.ReadyAt, IsDeleting: false, model.CpuRequest,
                replica.ReadyAt <= sampledAt ? new ResourceSample(usage, sampledAt, window) : null)
            : new PodView(PodPhase.Pending, IsReady: false, replica.CreatedAt, replica.CreatedAt, IsDeleting: false, model.CpuRequest, Sample: null)),
        .. _draining.Select(replica => new PodView(PodPhase.Running, IsReady: true, replica.CreatedAt, replica.ReadyAt, IsDeleting: true, model.CpuRequest, Sample: null)),
    ];

    private sealed record Replica(DateTimeOffset CreatedAt, DateTimeOffset ReadyAt, DateTimeOffset GoneAt = default);
}
