using Eventide.Scaling.Chart;
using Eventide.Scaling.Demand;
using Eventide.Scaling.Services;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Shop;

/// <summary>
/// The services of the fleet as the simulator sees them: an item is a reading, which gateways bring to telemetry and the broker brings to fleet, many at a time both
/// times. What follows from readings (alerts) is part of what a reading takes.
/// </summary>
public static class FleetScenarios
{
    /// <summary>The demand of vehicles.</summary>
    public const string Readings = "readings";

    /// <summary>What lets readings in.</summary>
    public const string Telemetry = "telemetry";

    /// <summary>What knows where every vehicle is.</summary>
    public const string Fleet = "fleet";

    // The sidecar brings up to 200 readings to fleet in one call, and holds two such bulks under way and one that fills.
    private const int Bulk = 200;
    private const int RequestsAtOnce = 10;

    /// <summary>One day of a fleet, with nothing beside it.</summary>
    /// <exception cref="InvalidDataException">The measurement or the chart lacks one of the two services.</exception>
    /// <param name="autoscaling">Overrides what the chart says, service by service; null leaves it.</param>
    public static Scenario Day(
        FleetDemand readings, ShopMeasurement measured, RenderedChart chart, int seed, Func<RenderedService, Autoscaling?>? autoscaling = null) => new()
        {
            Name = Fleet,
            Seed = seed,
            Demands = [readings],
            Services =
            [
                .. Models(readings.Name, measured, chart)
                    .Select(model => new ScaledService(model, autoscaling?.Invoke(chart.Services[model.Name]) ?? chart.Services[model.Name].Autoscaling)),
            ],
        };

    /// <summary>Both services, fed by a demand of readings.</summary>
    internal static IEnumerable<ServiceModel> Models(string readings, ShopMeasurement measured, RenderedChart chart)
    {
        var took = measured.RequiredFleet;
        if (new[] { Telemetry, Fleet }.FirstOrDefault(name => !measured.Services.ContainsKey(name) || !chart.Services.ContainsKey(name)) is { } missing)
        {
            throw new InvalidDataException($"The measurement or the render of the chart does not have the service {missing}, which a fleet needs.");
        }

        yield return ShopScenarios.Model(Telemetry, WorkKind.Requests, [new Feed(readings, 1)], measured, chart, took.Request) with
        {
            AppCpuTime = TimeSpan.FromMilliseconds(took.TelemetryCpu),
            SidecarCpuTime = TimeSpan.FromMilliseconds(took.TelemetrySidecarCpu),
            Concurrency = RequestsAtOnce * took.PerRequest,
        };
        yield return ShopScenarios.Model(
            Fleet, WorkKind.Messages, [new Feed(Telemetry, 1, measured.Services[Fleet].Messages.Keys.Single())], measured, chart, took.Applied) with
        {
            AppCpuTime = TimeSpan.FromMilliseconds(took.FleetCpu),
            SidecarCpuTime = TimeSpan.FromMilliseconds(took.FleetSidecarCpu),
            Concurrency = 2 * Bulk,
            Prefetch = Bulk,
        };
    }
}
