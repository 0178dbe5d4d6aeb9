using System.Diagnostics;
using Eventide.Tools.Shops;

namespace Eventide.Benchmarks.Measuring;

/// <summary>What all processes of a running shop take together: the runner with the sidecars, and every service.</summary>
internal static class ShopResources
{
    /// <summary>Resident memory of each process, in MiB.</summary>
    public static IReadOnlyDictionary<string, double> ResidentMebibytes(RunState shop) => Read(shop, process => process.WorkingSet64 / 1024.0 / 1024.0);

    /// <summary>Processor time of each process so far, in microseconds.</summary>
    public static IReadOnlyDictionary<string, double> ProcessorMicroseconds(RunState shop) => Read(shop, process => process.TotalProcessorTime.TotalMicroseconds);

    private static Dictionary<string, double> Read(RunState shop, Func<Process, double> figure) =>
        shop.Apps.Select(app => (Name: app.Replica == 0 ? app.AppId : $"{app.AppId}-{app.Replica}", app.Pid)).Append((Name: "sidecars", shop.Pid)).ToDictionary(entry => entry.Name, entry =>
        {
            using var process = Process.GetProcessById(entry.Pid);
            return figure(process);
        });
}
