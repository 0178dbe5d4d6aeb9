using Eventide.Scaling.Hpa;

namespace Eventide.Scaling.Simulation;

/// <summary>A moving average over the window of the metrics server.</summary>
internal sealed class UsageWindow(TimeSpan window)
{
    private readonly Queue<(DateTimeOffset At, Cores Value)> _samples = new();
    private Cores _sum;

    public TimeSpan Window => window;

    public Cores Average => _samples.Count == 0 ? default : new Cores(_sum.App / _samples.Count, _sum.Sidecar / _samples.Count);

    public void Add(DateTimeOffset now, Cores value)
    {
        _samples.Enqueue((now, value));
        _sum = new Cores(_sum.App + value.App, _sum.Sidecar + value.Sidecar);
        while (_samples.Peek().At <= now - window)
        {
            var gone = _samples.Dequeue().Value;
            _sum = new Cores(_sum.App - gone.App, _sum.Sidecar - gone.Sidecar);
        }
    }
}
