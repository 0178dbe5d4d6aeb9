namespace Eventide.Benchmarks.Measuring;

/// <summary>
/// How busy the machine was with work that is not the benchmark's, from when it is made: a figure that was taken while others used half of the machine says little.
/// Known on Linux only.
/// </summary>
internal sealed class OtherLoad
{
    private readonly (double Busy, double Total) _start = Read();

    /// <param name="ownMicroseconds">Processor time of the benchmark's own processes since then.</param>
    /// <returns>Per cent of all cores; null where it is not known.</returns>
    public double? Percent(double ownMicroseconds)
    {
        var (busy, total) = Read();
        return total > _start.Total
            ? Math.Round(100 * Math.Max(0, busy - _start.Busy - (ownMicroseconds / 1_000_000 * TicksPerSecond)) / (total - _start.Total), 1)
            : null;
    }

    // The kernel's user-visible tick is 1/100 s on every architecture that .NET runs on.
    private const double TicksPerSecond = 100;

    private static (double Busy, double Total) Read()
    {
        if (!File.Exists("/proc/stat"))
        {
            return default;
        }

        // user nice system idle iowait irq softirq steal
        var times = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(double.Parse).ToArray();
        return (times.Sum() - times[3] - times[4], times.Sum());
    }
}
