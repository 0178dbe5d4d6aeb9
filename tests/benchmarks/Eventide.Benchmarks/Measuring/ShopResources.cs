using System.Diagnostics;
using System.Globalization;
using Eventide.Tools.Shops;

namespace Eventide.Benchmarks.Measuring;

/// <summary>What all processes of a running shop take together: the runner with the sidecars, and every service.</summary>
internal static class ShopResources
{
    /// <summary>Resident memory of each process, in MiB.</summary>
    public static IReadOnlyDictionary<string, double> ResidentMebibytes(RunState shop) => Read(shop, process => process.WorkingSet64 / 1024.0 / 1024.0);

    /// <summary>
    /// The same with every page that several processes share (the runtime, the framework) divided among them, so that the sum is what the shop takes from the
    /// machine. Known on Linux only; elsewhere this is the resident memory.
    /// </summary>
    public static IReadOnlyDictionary<string, double> ProportionalMebibytes(RunState shop) => Read(shop, process => ProportionalMebibytes(process.Id));

    /// <summary>The same of one process.</summary>
    public static double ProportionalMebibytes(int pid)
    {
        if (File.Exists($"/proc/{pid}/smaps_rollup"))
        {
            return double.Parse(File.ReadLines($"/proc/{pid}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }

        using var process = Process.GetProcessById(pid);
        return process.WorkingSet64 / 1024.0 / 1024.0;
    }

    /// <summary>Processor time of each process so far, in microseconds.</summary>
    public static IReadOnlyDictionary<string, double> ProcessorMicroseconds(RunState shop) => Read(shop, process => process.TotalProcessorTime.TotalMicroseconds);

    private static Dictionary<string, double> Read(RunState shop, Func<Process, double> figure) =>
        shop.Apps.Select(app => (Name: app.Replica == 0 ? app.AppId : $"{app.AppId}-{app.Replica}", app.Pid)).Append((Name: "sidecars", shop.Pid)).ToDictionary(entry => entry.Name, entry =>
        {
            using var process = Process.GetProcessById(entry.Pid);
            return figure(process);
        });
}
