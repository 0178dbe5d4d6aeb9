namespace Eventide.Scaling.Hpa;

/// <summary>A pod as the autoscaler sees it.</summary>
/// <param name="Phase">Pending until its containers have started.</param>
/// <param name="IsReady">Its Ready condition.</param>
/// <param name="StartedAt">When the kubelet took it.</param>
/// <param name="ReadyChangedAt">When the Ready condition changed last.</param>
/// <param name="IsDeleting">Has a deletion timestamp: it still works, but counts no more for resource metrics.</param>
/// <param name="Request">What its app and its sidecar ask for.</param>
/// <param name="Sample">Its resource usage; null while there is none.</param>
public sealed record PodView(
    PodPhase Phase, bool IsReady, DateTimeOffset StartedAt, DateTimeOffset ReadyChangedAt, bool IsDeleting, Cores Request, ResourceSample? Sample);

/// <summary>Phases that the autoscaler tells apart.</summary>
public enum PodPhase
{
    /// <summary>Not started.</summary>
    Pending,

    /// <summary>Started.</summary>
    Running,

    /// <summary>Ended with an error.</summary>
    Failed,
}

/// <summary>Processor of one pod's two containers, in thousandths of a core.</summary>
public readonly record struct Cores(long App, long Sidecar)
{
    /// <summary>What a metric looks at.</summary>
    public long Of(bool isAppOnly) => isAppOnly ? App : App + Sidecar;
}

/// <summary>What the metrics API says about a pod: usage averaged over a window that ended at <paramref name="At"/>.</summary>
public sealed record ResourceSample(Cores Usage, DateTimeOffset At, TimeSpan Window);

/// <summary>Settings of the controller, not of one autoscaler; the flags of kube-controller-manager with their defaults.</summary>
public sealed record HpaControllerSettings
{
    /// <summary>How often it looks (--horizontal-pod-autoscaler-sync-period).</summary>
    public TimeSpan SyncPeriod { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The window of the path without a behavior, and the default of scaleDown (--horizontal-pod-autoscaler-downscale-stabilization).</summary>
    public TimeSpan DownscaleStabilization { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long samples of an unready pod are left out (--horizontal-pod-autoscaler-cpu-initialization-period).</summary>
    public TimeSpan CpuInitializationPeriod { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A pod unready for longer than this after its start has been ready before (--horizontal-pod-autoscaler-initial-readiness-delay).</summary>
    public TimeSpan InitialReadinessDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The same controller in a world whose time runs <paramref name="factor"/> times as fast.</summary>
    public HpaControllerSettings Compressed(double factor) => new()
    {
        SyncPeriod = SyncPeriod / factor,
        DownscaleStabilization = DownscaleStabilization / factor,
        CpuInitializationPeriod = CpuInitializationPeriod / factor,
        InitialReadinessDelay = InitialReadinessDelay / factor,
    };
}
