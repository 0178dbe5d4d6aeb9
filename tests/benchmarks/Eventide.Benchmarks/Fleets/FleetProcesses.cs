using System.Diagnostics;
using Eventide.Benchmarks.Measuring;
using Eventide.Tools.Shops;

namespace Eventide.Benchmarks.Fleets;

/// <summary>What telemetry, fleet and their sidecars take, each by itself.</summary>
internal sealed class FleetProcesses(RunState shop)
{
    /// <summary>Processor time so far.</summary>
    public FleetCost Cost()
    {
        var (broker, store) = (ThreadProcessorTime.Microseconds(shop.Pid, "sqlite pubsub.db"), ThreadProcessorTime.Microseconds(shop.Pid, "sqlite fleet.db"));
        return new FleetCost(Of("telemetry"), Of("fleet"), Microseconds(shop.Pid) - broker - store, broker, store, ProcessorTime.Microseconds);
    }

    /// <summary>Memory of each process, shared pages divided among those who share them.</summary>
    public IReadOnlyDictionary<string, double> Mebibytes() => ShopResources.ProportionalMebibytes(shop);

    private double Of(string appId) => shop.Apps.Where(app => app.AppId == appId).Sum(app => Microseconds(app.Pid));

    private static double Microseconds(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.TotalProcessorTime.TotalMicroseconds;
    }
}

/// <summary>Processor time in microseconds.</summary>
/// <param name="Telemetry">The app.</param>
/// <param name="Fleet">The app.</param>
/// <param name="Sidecars">The process of both sidecars, without the two below.</param>
/// <param name="Broker">The thread that writes the broker's file.</param>
/// <param name="Store">The thread that writes fleet's store.</param>
/// <param name="Driver">This process, which stands for the gateways.</param>
internal sealed record FleetCost(double Telemetry, double Fleet, double Sidecars, double Broker, double Store, double Driver)
{
    public double Total => Telemetry + Fleet + Sidecars + Broker + Store + Driver;

    public FleetCost Minus(FleetCost other) => new(
        Telemetry - other.Telemetry, Fleet - other.Fleet, Sidecars - other.Sidecars, Broker - other.Broker, Store - other.Store, Driver - other.Driver);

    public FleetCost Per(double readings) => new(Telemetry / readings, Fleet / readings, Sidecars / readings, Broker / readings, Store / readings, Driver / readings);
}

/// <summary>How fast readings went, and what one cost.</summary>
internal sealed record FleetPace(double PerSecond, FleetCost Cost, double? OtherLoadPercent);
