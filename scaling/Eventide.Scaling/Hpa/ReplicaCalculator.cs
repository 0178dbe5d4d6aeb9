namespace Eventide.Scaling.Hpa;

/// <summary>
/// How many replicas one metric asks for, before any limit (Kubernetes: pkg/controller/podautoscaler/replica_calculator.go). Pure functions; null when the metric
/// says nothing, which is not the same as zero.
/// </summary>
internal static class ReplicaCalculator
{
    /// <summary>An external metric with an AverageValue target. Pods that are not ready count as replicas here.</summary>
    public static int ExternalAverage(double usage, double target, int statusReplicas, Tolerances tolerances)
    {
        var ratio = usage / (target * statusReplicas);
        return tolerances.Covers(ratio) ? statusReplicas : Ceiling(usage / target);
    }

    /// <summary>An external metric with a Value target.</summary>
    public static int ExternalValue(double usage, double target, int currentReplicas, int readyPods, Tolerances tolerances)
    {
        var ratio = usage / target;
        if (currentReplicas == 0)
        {
            return Ceiling(ratio);
        }

        return tolerances.Covers(ratio) ? currentReplicas : Ceiling(ratio * readyPods);
    }

    /// <summary>Utilization of a resource: percent of the requests, a whole number, cut off.</summary>
    public static int? Utilization(
        IReadOnlyList<PodView> pods, UtilizationMetric metric, int currentReplicas, Tolerances tolerances, HpaControllerSettings settings, DateTimeOffset now)
    {
        var groups = PodGroups.Of(pods, metric.IsAppOnly, settings, now);
        if (groups.Measured.Count == 0)
        {
            return null;
        }

        var (samples, targetPercent) = (groups.Measured, metric.TargetPercent);
        var ratio = Ratio(samples, targetPercent);
        var scaleUpWithUnready = groups.Unready > 0 && ratio > 1.0;
        if (!scaleUpWithUnready && groups.Missing.Count == 0)
        {
            return tolerances.Covers(ratio) ? currentReplicas : Ceiling(ratio * groups.Ready);
        }

        // Be careful in both directions: what is not known uses everything on the way down and nothing on the way up.
        List<(long Usage, long Request)> completed = [.. samples];
        if (ratio < 1.0)
        {
            completed.AddRange(groups.Missing.Select(request => (request * Math.Max(100, targetPercent) / 100, request)));
        }
        else if (ratio > 1.0)
        {
            completed.AddRange(groups.Missing.Select(request => (0L, request)));
        }

        if (scaleUpWithUnready)
        {
            completed.AddRange(groups.UnreadyRequests.Select(request => (0L, request)));
        }

        var careful = Ratio(completed, targetPercent);
        if (tolerances.Covers(careful) || (ratio < 1.0 && careful > 1.0) || (ratio > 1.0 && careful < 1.0))
        {
            return currentReplicas;
        }

        var wanted = Ceiling(careful * completed.Count);
        return (careful < 1.0 && wanted > currentReplicas) || (careful > 1.0 && wanted < currentReplicas) ? currentReplicas : wanted;
    }

    /// <summary>The percentage as Kubernetes computes it, with integers.</summary>
    public static int Percent(long usage, long request) => (int)(usage * 100 / request);

    private static double Ratio(IReadOnlyList<(long Usage, long Request)> samples, int targetPercent) =>
        Percent(samples.Sum(sample => sample.Usage), samples.Sum(sample => sample.Request)) / (double)targetPercent;

    private static int Ceiling(double replicas) => (int)Math.Min(int.MaxValue, Math.Ceiling(replicas));
}
