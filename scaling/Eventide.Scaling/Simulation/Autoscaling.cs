using Eventide.Scaling.Hpa;
using Eventide.Scaling.Keda;

namespace Eventide.Scaling.Simulation;

/// <summary>What decides how many replicas a service has.</summary>
public abstract record Autoscaling
{
    /// <summary>The number of replicas that it begins with.</summary>
    public abstract int Begin { get; }
}

/// <summary>Nobody: always the same number.</summary>
public sealed record FixedReplicas(int Count) : Autoscaling
{
    /// <inheritdoc/>
    public override int Begin => Count;
}

/// <summary>A HorizontalPodAutoscaler.</summary>
public sealed record ByHpa(HpaSpec Spec) : Autoscaling
{
    /// <inheritdoc/>
    public override int Begin => Spec.MinReplicas;
}

/// <summary>A ScaledObject: KEDA's operator and the autoscaler that it makes.</summary>
public sealed record ByKeda(ScaledObjectSpec Spec) : Autoscaling
{
    /// <inheritdoc/>
    public override int Begin => Spec.MinReplicaCount;
}
