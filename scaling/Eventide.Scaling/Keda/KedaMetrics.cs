namespace Eventide.Scaling.Keda;

/// <summary>
/// KEDA's metrics server for one ScaledObject: what the autoscaler is told, with the fallback in place of what cannot be read (KEDA: pkg/fallback). Not thread-safe.
/// </summary>
public sealed class KedaMetrics(ScaledObjectSpec spec)
{
    private readonly int[] _failures = new int[spec.Triggers.Count];

    /// <summary>Values by trigger name; a trigger that could not be read is not there, unless the fallback speaks for it.</summary>
    public IReadOnlyDictionary<string, double> Read(IReadOnlyList<double?> values)
    {
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (index, trigger) in spec.Triggers.Index())
        {
            if (values[index] is { } value)
            {
                _failures[index] = 0;
                metrics[trigger.Name] = value;
            }
            else if (++_failures[index] > spec.Fallback?.FailureThreshold)
            {
                metrics[trigger.Name] = trigger.Target * spec.Fallback.Replicas;
            }
        }

        return metrics;
    }
}
