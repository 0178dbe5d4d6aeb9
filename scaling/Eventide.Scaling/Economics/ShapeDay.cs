using Eventide.Scaling.Services;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Economics;

/// <summary>One day of the shop in one shape, as what it takes.</summary>
/// <param name="Orders">In the day.</param>
/// <param name="CpuMsPerOrder">Processor milliseconds per order, with its pages, and with what runs when nothing happens.</param>
/// <param name="ReplicaSeconds">The sum of the lives of all replicas.</param>
/// <param name="VCpuHours">Processor that had to be there: what replicas request, or what they use and may use of it, whichever is more, minute by minute.</param>
/// <param name="GibHours">Memory that had to be there.</param>
/// <param name="Cost">Of both.</param>
/// <param name="MostReplicas">Of all services together, at one time.</param>
/// <param name="SlowestWait">How long work waits before somebody takes it: the 99th percentile, of the slowest service that a customer waits for.</param>
/// <param name="KeepsUp">False when work was left over at the end: then the cost is that of a shop that fails.</param>
public sealed record ShapeDay(
    double Orders, double CpuMsPerOrder, double ReplicaSeconds, double VCpuHours, double GibHours, double Cost, int MostReplicas, TimeSpan SlowestWait, bool KeepsUp)
{
    private const double TolerableRest = 0.001;

    // Nobody waits for these.
    private static readonly HashSet<string> Background = ["notification", "operations"];

    /// <summary>Sums up a simulated day.</summary>
    public static ShapeDay Of(SimulationResult result, double orders, Prices prices)
    {
        var (vCpuHours, gibHours) = (result.Services.Sum(service => VCpuHoursOf(service, prices)), result.Services.Sum(service => GibHoursOf(result, service)));
        return new ShapeDay(
            orders,
            result.Services.Sum(service => service.CpuTime.TotalMilliseconds) / orders,
            result.Services.Sum(service => service.ReplicaTime.TotalSeconds),
            vCpuHours, gibHours, prices.Of(vCpuHours, gibHours),
            Enumerable.Range(0, result.Services[0].WantedPerStep.Count).Max(step => result.Services.Sum(service => service.WantedPerStep[step])),
            result.Services.Where(service => !Background.Contains(service.Name)).Max(service => service.P99 - Model(result, service).ServiceTime),
            result.Services.Sum(service => service.Unfinished) <= TolerableRest * result.Services.Sum(service => service.Items));
    }

    /// <summary>What one service of such a day costs.</summary>
    public static double CostOf(SimulationResult result, ServiceResult service, Prices prices) => prices.Of(VCpuHoursOf(service, prices), GibHoursOf(result, service));

    private static double VCpuHoursOf(ServiceResult service, Prices prices) =>
        service.Minutes.Sum(minute => Math.Max(minute.RequestedCores, minute.UsedCores * 100 / prices.UsablePercent)) / 60;

    private static double GibHoursOf(SimulationResult result, ServiceResult service) => service.ReplicaTime.TotalHours * Model(result, service).Memory / 1024.0;

    private static ServiceModel Model(SimulationResult result, ServiceResult service) => result.Scenario.Services.Single(scaled => scaled.Model.Name == service.Name).Model;
}

/// <summary>What a shape holds ready when nothing happens at all.</summary>
/// <param name="Replicas">The fewest that are allowed, of all services together.</param>
/// <param name="MemoryMib">What these take.</param>
/// <param name="VCpu">What these request.</param>
/// <param name="CostPerDay">Of both.</param>
public sealed record ShapeFloor(int Replicas, double MemoryMib, double VCpu, double CostPerDay)
{
    /// <summary>Adds up the smallest numbers of replicas.</summary>
    public static ShapeFloor Of(Scenario scenario, Prices prices)
    {
        var replicas = scenario.Services.Sum(service => service.Autoscaling.Begin);
        var memory = scenario.Services.Sum(service => service.Autoscaling.Begin * (double)service.Model.Memory);
        var vCpu = scenario.Services.Sum(service => service.Autoscaling.Begin * service.Model.CpuRequest.Of(isAppOnly: false) / 1000.0);
        return new ShapeFloor(replicas, memory, vCpu, prices.Of(vCpu * 24, memory / 1024 * 24));
    }
}
