namespace Eventide.Scaling.Simulation;

/// <summary>A moving average over the window of the metrics server.</summary>
internal sealed class UsageWindow(TimeSpan window)
{
    private readonly Queue<(DateTimeOffset At, double Value)> _samples = new();
    private double _sum;

    public TimeSpan Window => window;

    public double Average => _samples.Count == 0 ? 0 : _sum / _samples.Count;

    public void Add(DateTimeOffset now, double value)
    {
        _samples.Enqueue((now, value));
        _sum += value;
        while (_samples.Peek().At <= now - window)
        {
            _sum -= _samples.Dequeue().Value;
        }
    }
}
