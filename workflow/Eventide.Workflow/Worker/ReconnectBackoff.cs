namespace Dapr.Workflow.Worker;

/// <summary>How long to wait before the stream is opened again: doubling, with jitter so that the workers of a restarted sidecar do not come back at once.</summary>
internal sealed class ReconnectBackoff(Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private int _failures;

    /// <summary>The stream worked: the next failure is a first one.</summary>
    public void Reset() => _failures = 0;

    /// <summary>The next pause: between half of and the whole doubled time.</summary>
    public TimeSpan Next()
    {
        var pause = First * Math.Pow(2, Math.Min(_failures++, 10));
        return (pause < Longest ? pause : Longest) * (0.5 + (random.NextDouble() / 2));
    }
}
