using System.ComponentModel;
using System.Diagnostics;

namespace Eventide.Scaling.Local.Shops;

/// <summary>
/// Processor usage of processes over a moving window of at least a second, as the metrics server has it of containers: thousandths of a core. Not thread-safe.
/// </summary>
/// <param name="time">The real clock: a processor does not get faster because time is compressed.</param>
/// <param name="total">Processor time of a process so far; null when it is gone.</param>
internal sealed class ProcessorMeter(TimeProvider time, TimeSpan window, Func<int, TimeSpan?> total)
{
    // Accounting is in hundredths of a second: over a second that is a hundredth of a core.
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    // Until then nothing is said of a new process.
    private static readonly TimeSpan Fewest = TimeSpan.FromMilliseconds(100);
    private readonly Dictionary<int, Queue<(long At, TimeSpan Total)>> _samples = [];

    /// <summary>Reads what the system says of a process.</summary>
    public static TimeSpan? TotalOf(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.TotalProcessorTime;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Takes a sample of each process and forgets all others.</summary>
    public void Sample(IReadOnlyCollection<int> pids)
    {
        foreach (var gone in _samples.Keys.Except(pids).ToList())
        {
            _samples.Remove(gone);
        }

        foreach (var pid in pids)
        {
            if (total(pid) is not { } used)
            {
                continue;
            }

            var samples = _samples.TryGetValue(pid, out var known) ? known : _samples[pid] = new Queue<(long, TimeSpan)>();
            samples.Enqueue((time.GetTimestamp(), used));

            // One that is older than the window stays, so that the window is full.
            while (samples.Count > 2 && time.GetElapsedTime(samples.ElementAt(1).At) >= Longest)
            {
                samples.Dequeue();
            }
        }
    }

    /// <summary>Over the window; null while too little is known.</summary>
    public long? Millicores(int pid)
    {
        if (!_samples.TryGetValue(pid, out var samples) || samples.Count < 2)
        {
            return null;
        }

        var (first, last) = (samples.Peek(), samples.Last());
        var elapsed = time.GetElapsedTime(first.At, last.At);
        return elapsed < Fewest ? null : (long)(1000 * (last.Total - first.Total) / elapsed);
    }

    private TimeSpan Longest => window > Shortest ? window : Shortest;
}
