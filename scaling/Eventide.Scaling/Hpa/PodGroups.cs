namespace Eventide.Scaling.Hpa;

/// <summary>Pods sorted by what their samples are worth (Kubernetes: groupPods in pkg/controller/podautoscaler/replica_calculator.go).</summary>
internal sealed class PodGroups
{
    /// <summary>Usage and request of the pods that count.</summary>
    public List<(long Usage, long Request)> Measured { get; } = [];

    /// <summary>Requests of the pods that should have a sample and have none.</summary>
    public List<long> Missing { get; } = [];

    /// <summary>Requests of the pods whose sample is not worth anything yet.</summary>
    public List<long> UnreadyRequests { get; } = [];

    public int Ready => Measured.Count;

    public int Unready => UnreadyRequests.Count;

    public static PodGroups Of(IReadOnlyList<PodView> pods, bool isAppOnly, HpaControllerSettings settings, DateTimeOffset now)
    {
        var groups = new PodGroups();
        foreach (var pod in pods.Where(pod => !pod.IsDeleting && pod.Phase != PodPhase.Failed))
        {
            if (pod.Phase == PodPhase.Pending)
            {
                groups.UnreadyRequests.Add(pod.Request.Of(isAppOnly));
            }
            else if (pod.Sample is not { } sample)
            {
                groups.Missing.Add(pod.Request.Of(isAppOnly));
            }
            else if (IsUnready(pod, sample, settings, now))
            {
                groups.UnreadyRequests.Add(pod.Request.Of(isAppOnly));
            }
            else
            {
                groups.Measured.Add((sample.Usage.Of(isAppOnly), pod.Request.Of(isAppOnly)));
            }
        }

        return groups;
    }

    private static bool IsUnready(PodView pod, ResourceSample sample, HpaControllerSettings settings, DateTimeOffset now)
    {
        // In its first minutes a pod burns processor time that says nothing about the load.
        if (pod.StartedAt + settings.CpuInitializationPeriod > now)
        {
            return !pod.IsReady || sample.At < pod.ReadyChangedAt + sample.Window;
        }

        // Later an unready pod counts, unless it has never been ready.
        return !pod.IsReady && pod.StartedAt + settings.InitialReadinessDelay > pod.ReadyChangedAt;
    }
}
