using Eventide.Scaling.Hpa;

namespace Eventide.Scaling.Keda;

/// <summary>What a ScaledObject (keda.sh/v1alpha1) says. Immutable.</summary>
public sealed record ScaledObjectSpec
{
    /// <summary>How often the operator asks the triggers whether there is anything to do.</summary>
    public TimeSpan PollingInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long nothing must have been active before it goes to zero, or to the idle count.</summary>
    public TimeSpan CooldownPeriod { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Replicas while nothing is active; null when there is no idle mode. KEDA supports 0 only.</summary>
    public int? IdleReplicaCount { get; init; }

    /// <summary>The fewest replicas; zero lets the operator switch the service off.</summary>
    public int MinReplicaCount { get; init; }

    /// <summary>The most replicas.</summary>
    public int MaxReplicaCount { get; init; } = 100;

    /// <summary>What counts while a trigger cannot be read; null: nothing moves down.</summary>
    public FallbackSpec? Fallback { get; init; }

    /// <summary>Handed to the autoscaler that KEDA makes.</summary>
    public HpaBehavior? Behavior { get; init; }

    /// <summary>What is asked.</summary>
    public required IReadOnlyList<TriggerSpec> Triggers { get; init; }

    /// <summary>The HorizontalPodAutoscaler that KEDA makes of this object: it never goes below one, that is the operator's part.</summary>
    public HpaSpec ToHpa() => new()
    {
        MinReplicas = Math.Max(1, MinReplicaCount),
        MaxReplicas = MaxReplicaCount,
        Metrics = [.. Triggers.Select(trigger => trigger.ToMetric())],
        Behavior = Behavior,
    };
}

/// <summary>After more than <paramref name="FailureThreshold"/> failed reads in a row a trigger says what <paramref name="Replicas"/> replicas would need.</summary>
public sealed record FallbackSpec(int FailureThreshold, int Replicas);
