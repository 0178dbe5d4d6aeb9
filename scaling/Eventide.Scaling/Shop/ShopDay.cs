using Eventide.Scaling.Chart;
using Eventide.Scaling.Demand;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Shop;

/// <summary>One day of the shop: when people look and when they buy.</summary>
/// <param name="Title">What is particular about it.</param>
public sealed record ShopDay(string Name, string Title, CurveFile Curve, Surge? Surge = null)
{
    /// <summary>Those that reports show, from a folder of curves.</summary>
    /// <exception cref="InvalidDataException">A curve is missing or wrong; the message names the file.</exception>
    public static IReadOnlyList<ShopDay> Read(string curves)
    {
        CurveFile Curve(string name)
        {
            var path = Path.Combine(curves, $"{name}.csv");
            return File.Exists(path) ? CurveFile.Read(path) : throw new InvalidDataException($"{path} is missing; it belongs to the repository.");
        }

        var article = Curve("article");
        return
        [
            new("article", "Browsing mornings, buying evenings", article),
            new("salecycle", "Orders build all day and peak at eight in the evening", Curve("salecycle")),
            new("oberlo", "A peak at lunch and a plateau in the evening", Curve("oberlo")),
            new("black-friday", "A sale opens at ten: five times as many, at once, for two hours", article, Surge.BlackFriday),
        ];
    }

    /// <summary>With an app per service, scaled as the chart says.</summary>
    /// <inheritdoc cref="ShopScenarios.Day"/>
    public Scenario Services(
        double ordersPerDay, ShopMeasurement measured, RenderedChart chart, int seed, Func<RenderedService, Autoscaling?>? autoscaling = null, FleetDemand? readings = null) =>
        ShopScenarios.Day(Name, Curve, ordersPerDay, measured, chart, seed, Surge, autoscaling, readings);

    /// <summary>With all modules in one process.</summary>
    /// <inheritdoc cref="MonolithScenarios.Day"/>
    public Scenario Monolith(double ordersPerDay, ShopMeasurement measured, RenderedChart chart, int seed) =>
        MonolithScenarios.Day(Name, Curve, ordersPerDay, measured, chart, seed, Surge);
}
