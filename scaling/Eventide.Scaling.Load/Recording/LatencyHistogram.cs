using System.Numerics;

namespace Eventide.Scaling.Load.Recording;

/// <summary>
/// Counts latencies in buckets that are at most 1.6 % wide, so that a run of any length takes the same 16 KB. Recording is thread-safe; percentiles may be read
/// meanwhile and are then those of some moment.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int Bits = 6;
    private const int PerPower = 1 << Bits;

    // Microseconds up to 2^40, twelve days.
    private readonly long[] _counts = new long[(40 - Bits + 1) * PerPower];
    private long _count;
    private long _largest;

    /// <summary>Counts one; a negative one as zero.</summary>
    public void Record(TimeSpan latency)
    {
        var microseconds = Math.Max(0, latency.Ticks / TimeSpan.TicksPerMicrosecond);
        Interlocked.Increment(ref _counts[Math.Min(IndexOf(microseconds), _counts.Length - 1)]);
        Interlocked.Increment(ref _count);
        for (var seen = Volatile.Read(ref _largest); microseconds > seen; seen = Volatile.Read(ref _largest))
        {
            Interlocked.CompareExchange(ref _largest, microseconds, seen);
        }
    }

    public LatencyResult ToResult() => Volatile.Read(ref _count) == 0
        ? new LatencyResult(null, null, null, null, null)
        : new LatencyResult(At(0.5), At(0.9), At(0.99), At(0.999), Volatile.Read(ref _largest) / 1000.0);

    // Nearest rank, the upper edge of its bucket.
    private double At(double quantile)
    {
        var left = Math.Max(1, (long)Math.Ceiling(Volatile.Read(ref _count) * quantile));
        var index = -1;
        while (left > 0 && index < _counts.Length - 1)
        {
            left -= Volatile.Read(ref _counts[++index]);
        }

        return Math.Min(LargestOf(index), Volatile.Read(ref _largest)) / 1000.0;
    }

    private static int IndexOf(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value | 1) - Bits);
        return (int)((shift * PerPower) + (value >> shift));
    }

    private static long LargestOf(int index)
    {
        var shift = Math.Max(0, (index / PerPower) - 1);
        return ((index - ((long)shift * PerPower) + 1) << shift) - 1;
    }
}
