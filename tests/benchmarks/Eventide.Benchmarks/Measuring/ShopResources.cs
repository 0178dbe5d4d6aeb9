using System.Diagnostics;
using Eventide.Tools.Shops;

namespace Eventide.Benchmarks.Measuring;

/// <summary>What all processes of a running shop take together: the runner with the sidecars, and every service.</summary>
internal static class ShopResources
{
    public static double ResidentMebibytes(RunState shop) => Sum(shop, process => process.WorkingSet64 / 1024.0 / 1024.0);

    public static double ProcessorMicroseconds(RunState shop) => Sum(shop, process => process.TotalProcessorTime.TotalMicroseconds);

    /// <summary>Resident memory of each, largest first, in MiB.</summary>
    public static IReadOnlyDictionary<string, double> ResidentByProcess(RunState shop) => shop.Apps.Select(app => (Name: app.AppId, app.Pid)).Append((Name: "sidecars", shop.Pid))
        .Select(entry => KeyValuePair.Create(entry.Name, Math.Round(Read(entry.Pid, process => process.WorkingSet64 / 1024.0 / 1024.0))))
        .OrderByDescending(entry => entry.Value).ToDictionary();

    private static double Sum(RunState shop, Func<Process, double> figure) => shop.Apps.Select(app => app.Pid).Append(shop.Pid).Sum(pid => Read(pid, figure));

    private static double Read(int pid, Func<Process, double> figure)
    {
        using var process = Process.GetProcessById(pid);
        return figure(process);
    }
}
