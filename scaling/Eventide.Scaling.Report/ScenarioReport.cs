using Eventide.Scaling.Demand;
using Eventide.Scaling.Economics;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Report;

/// <summary>One scenario: as the chart scales it, and with the replicas of the peak all day long.</summary>
internal sealed record ScenarioReport(string Name, string Title, CurveFile Curve, Surge? Surge, SimulationResult Scaled, SimulationResult Fixed)
{
    /// <summary>Replica hours of the scaled day in percent of those that a fixed number for the peak takes.</summary>
    public double SharePercent => 100 * Hours(Scaled) / Hours(Fixed);

    /// <summary>What all services of a day cost.</summary>
    public static double Cost(SimulationResult result, Prices prices) => result.Services.Sum(service => ShapeDay.CostOf(result, service, prices));

    public static double Hours(SimulationResult result) => result.Services.Sum(service => service.ReplicaTime.TotalHours);

    /// <summary>The pictures, by file name.</summary>
    public IEnumerable<(string Name, Figure Figure)> Figures()
    {
        yield return ($"{Name}-demand", DemandFigure());
        yield return ($"{Name}-replicas", ReplicasFigure());
        if (Waiting.Count > 0)
        {
            yield return ($"{Name}-delay", DelayFigure());
        }

        if (Queued.Count > 0)
        {
            yield return ($"{Name}-backlog", BacklogFigure());
        }
    }

    /// <summary>The services in which something ever waited so long that a step took half as long again as usual.</summary>
    public IReadOnlyList<ServiceResult> Waiting => [.. Scaled.Services.Where(service => Slowest(service) > 1.5 * service.Median)];

    /// <summary>The services that ever had more to do than they could at once.</summary>
    public IReadOnlyList<ServiceResult> Queued => [.. Scaled.Services.Where(service => service.LargestBacklog >= 1)];

    /// <summary>The longest step of those in which nothing waited.</summary>
    public TimeSpan LongestWithoutWaiting => Scaled.Services.Except(Waiting).Select(Slowest).DefaultIfEmpty().Max();

    public Figure DemandFigure() => new(
        "per second", "h",
        [.. Scaled.Scenario.Demands.Select(demand => new Series(demand.Name, [.. Enumerable.Range(0, 24 * 60).Select(minute => (minute / 60.0, demand.RateAt(TimeSpan.FromMinutes(minute))))]))],
        IsLogarithmic: true);

    /// <summary>Only the services whose number changes: lines that lie on each other say nothing.</summary>
    public Figure ReplicasFigure() => new(
        "replicas", "h", [.. Scaled.Services.Where(service => service.Changes > 0).Select(service => new Series(service.Name, [.. service.Minutes.Select(minute => (minute.At.TotalHours, minute.Wanted))]))], IsStepped: true);

    /// <summary>The services whose number never changes, by that number.</summary>
    public IEnumerable<string> Constant => Scaled.Services.Where(service => service.Changes == 0).GroupBy(service => service.MostReplicas).OrderBy(group => group.Key)
        .Select(group => $"{group.Key} of {string.Join(", ", group.Select(service => service.Name))}");

    public Figure DelayFigure() => new(
        "seconds", "h", [.. Waiting.Select(service => new Series(service.Name, [.. service.Minutes.Select(minute => (minute.At.TotalHours, Math.Max(0.001, minute.Delay.TotalSeconds)))]))], IsLogarithmic: true);

    public Figure BacklogFigure() => new(
        "items", "h", [.. Queued.Select(service => new Series(service.Name, [.. service.Minutes.Select(minute => (minute.At.TotalHours, minute.Backlog))]))]);

    private static TimeSpan Slowest(ServiceResult service) => service.Minutes.Max(minute => minute.Delay);
}
