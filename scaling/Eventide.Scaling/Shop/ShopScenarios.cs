using Eventide.Scaling.Chart;
using Eventide.Scaling.Demand;
using Eventide.Scaling.Services;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Shop;

/// <summary>
/// The shop as the simulator sees it: who has how much to do for one order comes from a measurement, who may have how many replicas from the rendered chart. An order
/// begins at ordering, which counts its request and the replies to it as its items; the others follow what ordering has done, so a slow ordering holds them back as
/// in the real shop. That replies come after requests is left out.
/// </summary>
public static class ShopScenarios
{
    /// <summary>Pages that people look at for one order. Views per order in published shop logs differ from 20 to 120.</summary>
    public const double PagesPerOrder = 40;

    /// <summary>The demand of people who order.</summary>
    public const string Orders = "orders";

    /// <summary>The demand of people who look at pages.</summary>
    public const string Pages = "pages";

    // Ten messages in work, twenty queued: what the component files let a replica hold.
    private const int Concurrency = 10;
    private const int Prefetch = 20;

    // On Redis, what a removed replica held is found after processingTimeout and up to one redeliverInterval.
    private static readonly TimeSpan Redelivery = TimeSpan.FromSeconds(68);

    /// <summary>One day of <paramref name="ordersPerDay"/> orders along a curve.</summary>
    /// <exception cref="InvalidDataException">The measurement or the chart lacks the service with which everything begins.</exception>
    /// <param name="autoscaling">Overrides what the chart says, service by service; null leaves it.</param>
    /// <param name="readings">The vehicles of that day; without them telemetry and fleet are there and have nothing to do.</param>
    public static Scenario Day(
        string name, CurveFile curve, double ordersPerDay, ShopMeasurement measured, RenderedChart chart, int seed, Surge? surge = null,
        Func<RenderedService, Autoscaling?>? autoscaling = null, FleetDemand? readings = null) => new()
        {
            Name = name,
            Seed = seed,
            Demands = readings is null ? Demands(curve, ordersPerDay, surge) : [.. Demands(curve, ordersPerDay, surge), readings],
            Services = [.. Models(measured, chart, readings).Select(model => new ScaledService(model, autoscaling?.Invoke(chart.Services[model.Name]) ?? chart.Services[model.Name].Autoscaling))],
        };

    /// <summary>What customers do on such a day.</summary>
    internal static IReadOnlyList<IDemand> Demands(CurveFile curve, double ordersPerDay, Surge? surge) =>
        [new CurveDemand(Orders, curve.Curves[Orders], ordersPerDay, surge), new CurveDemand(Pages, curve.Curves["browse"], ordersPerDay * PagesPerOrder, surge)];

    private static IEnumerable<ServiceModel> Models(ShopMeasurement measured, RenderedChart chart, FleetDemand? readings)
    {
        if (!measured.Services.ContainsKey("ordering") || !chart.Services.ContainsKey("ordering"))
        {
            throw new InvalidDataException("The measurement or the render of the chart does not have the service ordering, where every order begins.");
        }

        var ordering = measured.Services["ordering"];
        yield return Model("ordering", WorkKind.Messages, [new Feed(Orders, 1), .. Replies(ordering.Messages, 1, Orders)], measured, chart, measured.Hop);
        var itemsOfOrdering = 1 + ordering.Messages.Values.Sum();
        foreach (var (name, service) in measured.Services.Where(service => service.Key != "ordering").OrderBy(service => service.Key, StringComparer.Ordinal))
        {
            if (!chart.Services.ContainsKey(name) || (readings is not null && name is FleetScenarios.Telemetry or FleetScenarios.Fleet))
            {
                continue;
            }

            yield return name == "catalog"
                ? Model(name, WorkKind.Requests, [new Feed(Pages, 1), .. PricesAndNews(service)], measured, chart, measured.Page)
                : Model(name, WorkKind.Messages, [.. Replies(service.Messages, itemsOfOrdering, "ordering")], measured, chart, measured.Hop);
        }

        foreach (var model in readings is null ? [] : FleetScenarios.Models(readings.Name, measured, chart))
        {
            yield return model;
        }
    }

    /// <summary>What an order takes of the catalog, counted in pages: its prices, and what inventory says about stock.</summary>
    private static IEnumerable<Feed> PricesAndNews(ServiceMeasurement catalog) =>
        catalog.CpuPerOrder + catalog.SidecarCpuPerOrder is > 0 and var order ? [new Feed(Orders, order / (catalog.AppCpu + catalog.SidecarCpu))] : [];

    internal static IEnumerable<Feed> Replies(IReadOnlyDictionary<string, double> messages, double itemsOfSource, string source) =>
        messages.Where(topic => topic.Value > 0).OrderBy(topic => topic.Key, StringComparer.Ordinal).Select(topic => new Feed(source, topic.Value / itemsOfSource, topic.Key));

    internal static ServiceModel Model(string name, WorkKind kind, IReadOnlyList<Feed> feeds, ShopMeasurement measured, RenderedChart chart, double milliseconds)
    {
        var (service, rendered) = (measured.Services[name], chart.Services[name]);
        // Who has nothing to do for an order is there all the same, and has no items.
        var items = name switch { "catalog" => 1, "ordering" => 1 + service.Messages.Values.Sum(), _ => Math.Max(1, service.Messages.Values.Sum()) };
        return new ServiceModel
        {
            Name = name,
            Kind = kind,
            Feeds = feeds,
            ServiceTime = TimeSpan.FromMilliseconds(milliseconds),
            AppCpuTime = TimeSpan.FromMilliseconds(service.AppCpu / items),
            SidecarCpuTime = TimeSpan.FromMilliseconds(service.SidecarCpu / items),
            IdleCpu = (int)Math.Round(service.IdleCpu),
            IdleSidecarCpu = (int)Math.Round(service.IdleSidecarCpu),
            Memory = (int)Math.Round(service.Memory),
            CpuRequest = rendered.Request,
            CpuLimit = rendered.Limit,
            Concurrency = Concurrency,
            Prefetch = kind == WorkKind.Messages ? Prefetch : 0,
            Redelivery = kind == WorkKind.Messages ? Redelivery : TimeSpan.Zero,
            StartTime = TimeSpan.FromSeconds(measured.StartSeconds),
        };
    }
}
