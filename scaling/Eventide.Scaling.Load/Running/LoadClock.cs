using Eventide.Tools.Timing;

namespace Eventide.Scaling.Load.Running;

/// <summary>When what is due: simulated time as real time since the run began. Thread-safe.</summary>
internal sealed class LoadClock(LoadPlan plan, TimeProvider time) : IDisposable
{
    private readonly PreciseTimer? _timer = time == TimeProvider.System ? new PreciseTimer() : null;
    private readonly long _start = time.GetTimestamp();

    /// <summary>When the run began.</summary>
    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    public TimeProvider Time => time;

    /// <summary>Real time since the run began.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    /// <summary>The simulated time since midnight; it goes on after the end of the plan.</summary>
    public TimeSpan Now => plan.Begin + (Elapsed * plan.Compression);

    /// <summary>When something at a simulated time is due, in real time since the run began.</summary>
    public TimeSpan DueOf(TimeSpan at) => (at - plan.Begin) / plan.Compression;

    /// <summary>
    /// The midnight of devices. Their clocks are at the beginning of the run when the simulated time ends: they run fast, and are never ahead of the shop's.
    /// </summary>
    public DateTimeOffset DevicesMidnight => StartedAt - plan.Duration - plan.Begin;

    /// <summary>Waits for a real time since the run began; it never returns early.</summary>
    public async ValueTask WaitUntilAsync(TimeSpan due, CancellationToken cancellationToken)
    {
        if (_timer is not null)
        {
            await _timer.WaitUntilAsync(_start + (long)(due.TotalSeconds * time.TimestampFrequency), cancellationToken);
            return;
        }

        for (var left = due - Elapsed; left > TimeSpan.Zero; left = due - Elapsed)
        {
            // Timers count whole milliseconds and cut the rest off, which would be a busy loop.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), time, cancellationToken);
        }
    }

    /// <summary>Nobody may wait any more.</summary>
    public void Dispose() => _timer?.Dispose();
}
