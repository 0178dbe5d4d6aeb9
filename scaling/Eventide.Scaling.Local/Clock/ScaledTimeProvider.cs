namespace Eventide.Scaling.Local.Clock;

/// <summary>
/// A clock that runs <paramref name="factor"/> times as fast as another one from the moment on at which it was made: whatever waits, repeats or expires by it does so that
/// much sooner. Thread-safe.
/// </summary>
/// <param name="factor">Above zero.</param>
/// <param name="begin">What it shows first; null begins with what the other one shows.</param>
internal sealed class ScaledTimeProvider(TimeProvider inner, double factor, DateTimeOffset? begin = null) : TimeProvider
{
    private readonly DateTimeOffset _begin = inner.GetUtcNow();

    /// <summary>How many seconds here are one of the other clock.</summary>
    public double Factor => factor;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => inner.LocalTimeZone;

    /// <inheritdoc/>
    public override long TimestampFrequency => (long)(inner.TimestampFrequency / factor);

    /// <summary>A moment of the other clock on this one.</summary>
    public DateTimeOffset FromReal(DateTimeOffset moment) => (begin ?? _begin) + ((moment - _begin) * factor);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => FromReal(inner.GetUtcNow());

    /// <inheritdoc/>
    public override long GetTimestamp() => inner.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(inner.CreateTimer(callback, state, ToReal(dueTime), ToReal(period)), this);

    // Infinite stays infinite, and what is to come does not become at once.
    private TimeSpan ToReal(TimeSpan time) => time <= TimeSpan.Zero ? time : TimeSpan.FromMilliseconds(Math.Max(1, (time / factor).TotalMilliseconds));

    private sealed class Timer(ITimer inner, ScaledTimeProvider time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(time.ToReal(dueTime), time.ToReal(period));

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
