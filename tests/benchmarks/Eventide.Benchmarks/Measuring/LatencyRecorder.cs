namespace Eventide.Benchmarks.Measuring;

/// <summary>
/// Every latency of a run, kept exactly: a run has some ten thousand of them, so there is nothing to gain from buckets. Recording is thread-safe; reading is
/// for when all calls have ended.
/// </summary>
internal sealed class LatencyRecorder(int capacity)
{
    private readonly long[] _ticks = new long[capacity];
    private int _count;

    /// <summary>Calls that failed; they have no latency.</summary>
    public int Failures => Volatile.Read(ref _failures);

    private int _failures;

    public int Count => Volatile.Read(ref _count);

    /// <param name="ticks">In units of <see cref="System.Diagnostics.Stopwatch"/>.</param>
    public void Record(long ticks) => _ticks[Interlocked.Increment(ref _count) - 1] = ticks;

    public void RecordFailure() => Interlocked.Increment(ref _failures);

    public Percentiles ToPercentiles() => ToPercentiles([this]);

    /// <summary>Of all recorders together.</summary>
    public static Percentiles ToPercentiles(IEnumerable<LatencyRecorder> recorders)
    {
        long[] sorted = [.. recorders.SelectMany(recorder => recorder._ticks[..recorder._count])];
        Array.Sort(sorted);
        return new Percentiles(At(sorted, 0.5), At(sorted, 0.9), At(sorted, 0.99), At(sorted, 0.999), At(sorted, 1));
    }

    // Nearest rank: a latency that was really measured, never one between two.
    private static double At(long[] sorted, double quantile) => sorted.Length == 0
        ? double.NaN
        : System.Diagnostics.Stopwatch.GetElapsedTime(0, sorted[Math.Max(0, (int)Math.Ceiling(quantile * sorted.Length) - 1)]).TotalMilliseconds;
}

/// <summary>Latencies in milliseconds.</summary>
internal sealed record Percentiles(double P50, double P90, double P99, double P999, double Max);
