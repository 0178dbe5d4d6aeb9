using Eventide.Scaling.Hpa;

namespace Eventide.Scaling.Tests.Hpa;

/// <summary>An autoscaler that looks every 15 seconds at a service that does at once what it is told.</summary>
internal sealed class Looks(HpaSpec spec, int replicas)
{
    private readonly HorizontalAutoscaler _autoscaler = new(spec, new HpaControllerSettings());
    private DateTimeOffset _now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public int Replicas { get; private set; } = replicas;

    /// <summary>The single metric has this value.</summary>
    public int Look(double value) => Look((spec.Metrics[0].Name, value));

    public int Look(params ReadOnlySpan<(string Name, double Value)> metrics)
    {
        var values = new Dictionary<string, double>();
        foreach (var (name, value) in metrics)
        {
            values[name] = value;
        }

        Replicas = _autoscaler.Decide(_now, new HpaObservation(Replicas, Replicas, [], values)).Replicas;
        Wait(TimeSpan.FromSeconds(15));
        return Replicas;
    }

    public void Wait(TimeSpan time) => _now += time;
}
