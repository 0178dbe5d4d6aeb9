using System.Diagnostics;
using System.Globalization;
using Eventide.Scaling.Chart;
using Eventide.Scaling.Demand;
using Eventide.Scaling.Shop;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Report;

/// <summary>All runs of one report, and the page that is made of them.</summary>
internal sealed class ScalingReport(ReportSettings settings, ShopMeasurement measured, IReadOnlyList<ScenarioReport> scenarios, Fleet fleet)
{
    /// <summary>Runs every scenario twice: as the chart scales, and with so many replicas as the chart's peak needed, always.</summary>
    /// <exception cref="InvalidDataException">An input is missing or wrong; the message names the file.</exception>
    public static ScalingReport Simulate(ReportSettings settings, Action<string> tell)
    {
        var measured = ShopMeasurement.Read(Existing(settings.Measurement, "`make measure` writes it"));
        var chart = RenderedChart.Read(Existing(settings.Chart, "`make chart` renders it"));
        CurveFile Curve(string name) => CurveFile.Read(Existing(Path.Combine(settings.Curves, $"{name}.csv"), "it belongs to the repository"));
        var article = Curve("article");
        (string Name, string Title, CurveFile Curve, Surge? Surge)[] plans =
        [
            ("article", "Browsing mornings, buying evenings", article, null),
            ("salecycle", "Orders build all day and peak at eight in the evening", Curve("salecycle"), null),
            ("oberlo", "A peak at lunch and a plateau in the evening", Curve("oberlo"), null),
            ("black-friday", "A sale opens at ten: five times as many, at once, for two hours", article, Surge.BlackFriday),
        ];
        var scenarios = new List<ScenarioReport>();
        foreach (var (name, title, curve, surge) in plans)
        {
            var watch = Stopwatch.StartNew();
            var scaled = Simulator.Run(ShopScenarios.Day(name, curve, settings.Orders, measured, chart, settings.Seed, surge));
            var seconds = watch.Elapsed.TotalSeconds;
            var peak = Simulator.Run(ShopScenarios.Day(
                name, curve, settings.Orders, measured, chart, settings.Seed, surge, service => new FixedReplicas(scaled.Service(service.AppId).MostReplicas)));
            scenarios.Add(new ScenarioReport(name, title, curve, surge, scaled, peak));
            tell(string.Create(CultureInfo.InvariantCulture, $"{name}: a day of {settings.Orders:N0} orders in {seconds:0.00} s"));
        }

        return new ScalingReport(settings, measured, scenarios, Fleet.Simulate(settings.Vehicles, settings.Seed));
    }

    /// <summary>Writes the page and the pictures; answers where the page is.</summary>
    public string Write()
    {
        Directory.CreateDirectory(settings.Output);
        foreach (var (name, figure) in scenarios.SelectMany(scenario => scenario.Figures()).Append(("fleet", FleetFigure())))
        {
            figure.SavePng(Path.Combine(settings.Output, $"{name}.png"));
        }

        var page = Path.Combine(settings.Output, "index.html");
        File.WriteAllText(page, new Page(settings, measured, scenarios, FleetFigure(), fleet).ToString());
        return page;
    }

    private Figure FleetFigure() => new(
        "per second", "h",
        [
            new Series("readings/s", [.. Minutes().Select(minute => (minute / 60.0, fleet.ReadingsPerSecondAt(TimeSpan.FromMinutes(minute))))]),
        ]);

    private static IEnumerable<int> Minutes() => Enumerable.Range(0, 24 * 60);

    private static string Existing(string path, string remedy) => File.Exists(path) ? path : throw new InvalidDataException($"{path} is missing; {remedy}.");
}
