using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Local.Control;

/// <summary>What this machine can bear of what the chart asks for. The first process of an app always stays, so nothing goes to zero here.</summary>
/// <param name="Minimum">A chart that wants more as its minimum gets this.</param>
/// <param name="Maximum">A chart that allows more gets this.</param>
internal sealed record LocalLimits(int Minimum, int Maximum)
{
    /// <summary>The chart's rules within these limits; null when the chart does not scale the service at all.</summary>
    public Autoscaling? Apply(Autoscaling chart) => chart switch
    {
        ByHpa { Spec: var spec } => new ByHpa(spec with { MinReplicas = Least(spec.MinReplicas), MaxReplicas = Most(spec.MaxReplicas) }),
        ByKeda { Spec: var spec } => new ByKeda(spec with
        {
            MinReplicaCount = Least(spec.MinReplicaCount),
            MaxReplicaCount = Most(spec.MaxReplicaCount),
            IdleReplicaCount = null,
            Fallback = spec.Fallback is { } fallback ? fallback with { Replicas = Least(fallback.Replicas) } : null,
        }),
        _ => null,
    };

    private int Least(int chart) => Math.Clamp(chart, 1, Minimum);

    private int Most(int chart) => Math.Clamp(chart, 1, Maximum);
}
