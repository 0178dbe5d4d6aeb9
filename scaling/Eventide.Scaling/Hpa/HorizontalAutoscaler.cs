namespace Eventide.Scaling.Hpa;

/// <summary>
/// One HorizontalPodAutoscaler in its controller: what it remembers between two looks, and what it decides (Kubernetes: pkg/controller/podautoscaler/horizontal.go).
/// Without a behavior the change is limited by a doubling or four replicas a look; with one, by its policies over any period, so that the first step from one
/// replica is four here and five there. Not thread-safe.
/// </summary>
public sealed class HorizontalAutoscaler(HpaSpec spec, HpaControllerSettings settings)
{
    private readonly RecommendationHistory _recommendations = new();
    private readonly ScaleEvents _ups = new();
    private readonly ScaleEvents _downs = new();
    private readonly Tolerances _tolerances = Tolerances.Of(spec);

    /// <summary>Looks once, and answers how many replicas there shall be.</summary>
    public HpaDecision Decide(DateTimeOffset now, HpaObservation observed)
    {
        var current = observed.SpecReplicas;
        _recommendations.Seed(now, current);
        if (current == 0 && spec.MinReplicas != 0)
        {
            return new HpaDecision(0, "ScalingDisabled: the target has no replicas");
        }

        if (current > spec.MaxReplicas)
        {
            return Apply(now, current, spec.MaxReplicas, "more replicas than maxReplicas");
        }

        if (current < spec.MinReplicas)
        {
            return Apply(now, current, spec.MinReplicas, "fewer replicas than minReplicas");
        }

        if (Propose(now, observed) is not { } proposal)
        {
            return new HpaDecision(current, "FailedGetMetrics: no metric, or one is missing and the others ask for fewer replicas");
        }

        var allowed = spec.Behavior is { } behavior
            ? LimitedByBehavior(now, behavior, current, proposal.Replicas)
            : LimitedByDefault(now, current, proposal.Replicas);
        return Apply(now, current, allowed, $"{proposal.Metric} asks for {proposal.Replicas}");
    }

    private (int Replicas, string Metric)? Propose(DateTimeOffset now, HpaObservation observed)
    {
        (int Replicas, string Metric)? largest = null;
        var missing = 0;
        foreach (var metric in spec.Metrics)
        {
            if (Propose(now, metric, observed) is not { } replicas)
            {
                missing++;
            }
            else if (largest is null || replicas > largest.Value.Replicas)
            {
                largest = (replicas, metric.Name);
            }
        }

        // What is not known may hide a load: with a metric missing it goes up, never down.
        return largest is null || (missing > 0 && largest.Value.Replicas < observed.SpecReplicas) ? null : largest;
    }

    private int? Propose(DateTimeOffset now, MetricSpec metric, HpaObservation observed) => metric switch
    {
        UtilizationMetric utilization =>
            ReplicaCalculator.Utilization(observed.Pods, utilization, observed.SpecReplicas, _tolerances, settings, now),
        ExternalAverageMetric average when observed.External(average.Name) is { } usage =>
            ReplicaCalculator.ExternalAverage(usage, average.Target, observed.StatusReplicas, _tolerances),
        ExternalValueMetric value when observed.External(value.Name) is { } usage =>
            ReplicaCalculator.ExternalValue(usage, value.Target, observed.SpecReplicas, observed.ReadyPods, _tolerances),
        _ => null,
    };

    private int LimitedByDefault(DateTimeOffset now, int current, int desired)
    {
        var stabilized = _recommendations.HighestSince(now - settings.DownscaleStabilization, desired);
        _recommendations.Add(now, desired, settings.DownscaleStabilization);
        return Math.Clamp(stabilized, spec.MinReplicas, Math.Max(spec.MinReplicas, Math.Min(spec.MaxReplicas, Math.Max(2 * current, 4))));
    }

    private int LimitedByBehavior(DateTimeOffset now, HpaBehavior behavior, int current, int desired)
    {
        var up = _recommendations.LowestSince(now - behavior.ScaleUp.StabilizationWindow, desired);
        var down = _recommendations.HighestSince(now - behavior.ScaleDown.StabilizationWindow, desired);
        var stabilized = Math.Min(Math.Max(current, up), down);
        var longest = behavior.ScaleUp.StabilizationWindow > behavior.ScaleDown.StabilizationWindow
            ? behavior.ScaleUp.StabilizationWindow
            : behavior.ScaleDown.StabilizationWindow;
        _recommendations.Add(now, desired, longest);
        if (stabilized > current)
        {
            var limit = Math.Max(current, RateLimits.Up(behavior.ScaleUp, current, period => _ups.Since(now - period), period => _downs.Since(now - period)));
            return Math.Min(stabilized, Math.Min(spec.MaxReplicas, limit));
        }

        if (stabilized < current)
        {
            var limit = Math.Min(current, RateLimits.Down(behavior.ScaleDown, current, period => _ups.Since(now - period), period => _downs.Since(now - period)));
            return Math.Max(stabilized, Math.Max(spec.MinReplicas, limit));
        }

        return stabilized;
    }

    private HpaDecision Apply(DateTimeOffset now, int current, int desired, string reason)
    {
        if (spec.Behavior is { } behavior && desired != current)
        {
            var (events, rules) = desired > current ? (_ups, behavior.ScaleUp) : (_downs, behavior.ScaleDown);
            events.Add(now, Math.Abs(desired - current), RateLimits.LongestPeriod(rules));
        }

        return new HpaDecision(desired, reason);
    }
}

/// <summary>What an autoscaler decided and why.</summary>
public sealed record HpaDecision(int Replicas, string Reason);

/// <summary>What an autoscaler sees at one look.</summary>
/// <param name="SpecReplicas">What the scale subresource asks for.</param>
/// <param name="StatusReplicas">How many pods there are, ready or not.</param>
/// <param name="Pods">The pods.</param>
/// <param name="ExternalMetrics">By name; a metric that is not there could not be read.</param>
public sealed record HpaObservation(int SpecReplicas, int StatusReplicas, IReadOnlyList<PodView> Pods, IReadOnlyDictionary<string, double> ExternalMetrics)
{
    /// <summary>Running and Ready; those being deleted count as long as they are.</summary>
    public int ReadyPods => Pods.Count(pod => pod is { Phase: PodPhase.Running, IsReady: true });

    internal double? External(string name) => ExternalMetrics.TryGetValue(name, out var value) ? value : null;
}
