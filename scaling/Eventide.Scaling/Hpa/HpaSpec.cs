namespace Eventide.Scaling.Hpa;

/// <summary>What a HorizontalPodAutoscaler (autoscaling/v2) says. Immutable.</summary>
public sealed record HpaSpec
{
    /// <summary>The fewest replicas; Kubernetes takes 1 when the object says nothing.</summary>
    public int MinReplicas { get; init; } = 1;

    /// <summary>The most replicas.</summary>
    public required int MaxReplicas { get; init; }

    /// <summary>What is measured; the largest proposal wins.</summary>
    public required IReadOnlyList<MetricSpec> Metrics { get; init; }

    /// <summary>Null when the object has no behavior: then another, older way of limiting the change applies (see <see cref="HorizontalAutoscaler"/>).</summary>
    public HpaBehavior? Behavior { get; init; }

    /// <summary>A ratio within this of 1 changes nothing, both bounds included. The controller's default is 0.1.</summary>
    public double Tolerance { get; init; } = 0.1;
}

/// <summary>One metric of an autoscaler.</summary>
/// <param name="Name">As events and conditions name it.</param>
public abstract record MetricSpec(string Name);

/// <summary>Usage of the processor against its request, in percent.</summary>
/// <param name="IsAppOnly">Of the app's container (type ContainerResource); otherwise of the whole pod with its sidecar (type Resource).</param>
public sealed record UtilizationMetric(string Name, int TargetPercent, bool IsAppOnly = false) : MetricSpec(Name);

/// <summary>An external metric with an AverageValue target: what KEDA makes of every trigger unless told otherwise.</summary>
/// <param name="Target">Per replica, in the unit of the metric.</param>
public sealed record ExternalAverageMetric(string Name, double Target) : MetricSpec(Name);

/// <summary>An external metric with a Value target: the ratio multiplies the ready pods.</summary>
/// <param name="Target">For all replicas together, in the unit of the metric.</param>
public sealed record ExternalValueMetric(string Name, double Target) : MetricSpec(Name);

/// <summary>How fast an autoscaler may move.</summary>
public sealed record HpaBehavior
{
    /// <summary>On the way up; by default at once, and the larger of a doubling and four pods every 15 seconds.</summary>
    public ScalingRules ScaleUp { get; init; } = ScalingRules.DefaultUp;

    /// <summary>On the way down; by default the highest recommendation of five minutes, and then everything at once.</summary>
    public ScalingRules ScaleDown { get; init; } = ScalingRules.DefaultDown;
}

/// <summary>The rules of one direction.</summary>
/// <param name="StabilizationWindow">How far back recommendations count.</param>
/// <param name="Select">Which policy wins when there are several.</param>
/// <param name="Policies">Limits of the change in a period.</param>
/// <param name="Tolerance">Instead of the controller's, for this direction.</param>
public sealed record ScalingRules(TimeSpan StabilizationWindow, PolicySelect Select, IReadOnlyList<ScalingPolicy> Policies, double? Tolerance = null)
{
    /// <summary>What Kubernetes fills in for scaleUp (KEP-853).</summary>
    public static ScalingRules DefaultUp { get; } = new(
        TimeSpan.Zero, PolicySelect.Max, [new(PolicyType.Percent, 100, TimeSpan.FromSeconds(15)), new(PolicyType.Pods, 4, TimeSpan.FromSeconds(15))]);

    /// <summary>What Kubernetes fills in for scaleDown (KEP-853).</summary>
    public static ScalingRules DefaultDown { get; } = new(
        TimeSpan.FromMinutes(5), PolicySelect.Max, [new(PolicyType.Percent, 100, TimeSpan.FromSeconds(15))]);
}

/// <summary>Which of several policies wins.</summary>
public enum PolicySelect
{
    /// <summary>The one that allows the largest change.</summary>
    Max,

    /// <summary>The one that allows the smallest change.</summary>
    Min,

    /// <summary>No change in this direction.</summary>
    Disabled,
}

/// <summary>What the value of a policy counts.</summary>
public enum PolicyType
{
    /// <summary>Pods.</summary>
    Pods,

    /// <summary>Percent of the replicas at the begin of the period.</summary>
    Percent,
}

/// <summary>At most <paramref name="Value"/> pods or percent in any <paramref name="Period"/>.</summary>
public sealed record ScalingPolicy(PolicyType Type, int Value, TimeSpan Period);
