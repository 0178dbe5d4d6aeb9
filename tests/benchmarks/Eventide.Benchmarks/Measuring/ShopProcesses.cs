using System.Diagnostics;
using Eventide.Tools.Shops;

namespace Eventide.Benchmarks.Measuring;

/// <summary>The processes of a shop in which every app has a sidecar process of its own, by app id.</summary>
internal sealed class ShopProcesses(RunState shop)
{
    private readonly IReadOnlyDictionary<string, int> _sidecars = SidecarProcesses.Of(shop);

    /// <summary>Processor time so far.</summary>
    public IReadOnlyDictionary<string, Used> ProcessorMicroseconds() => shop.Apps.ToDictionary(
        app => app.AppId, app => new Used(ProcessorMicroseconds(app.Pid), ProcessorMicroseconds(_sidecars[app.AppId])));

    /// <summary>Memory of app and sidecar together, shared pages divided among those who share them.</summary>
    public IReadOnlyDictionary<string, double> Mebibytes() => shop.Apps.ToDictionary(
        app => app.AppId, app => ShopResources.ProportionalMebibytes(app.Pid) + ShopResources.ProportionalMebibytes(_sidecars[app.AppId]));

    private static double ProcessorMicroseconds(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.TotalProcessorTime.TotalMicroseconds;
    }
}

/// <summary>Processor time of an app and of its sidecar.</summary>
internal readonly record struct Used(double App, double Sidecar);
