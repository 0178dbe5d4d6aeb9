using System.Diagnostics;
using System.Globalization;
using Eventide.Scaling.Demand;
using Eventide.Scaling.Economics;
using Eventide.Scaling.Shop;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Report;

/// <summary>All runs of one report, and the page that is made of them.</summary>
internal sealed class ScalingReport(
    ReportSettings settings, ShopMeasurement measured, IReadOnlyList<ScenarioReport> scenarios, EconomicsSection economics, FleetSection fleet, Prices prices)
{
    /// <summary>Runs every scenario twice: as the chart scales, and with so many replicas as the chart's peak needed, always.</summary>
    /// <exception cref="InvalidDataException">An input is missing or wrong; the message names the file.</exception>
    public static ScalingReport Simulate(ReportSettings settings, EconomicsSettings economics, Action<string> tell)
    {
        var (measured, chart) = (settings.ReadMeasurement(), settings.ReadChart());
        var fleet = Fleet.Simulate(settings.Vehicles, settings.Seed);
        var readings = new FleetDemand(FleetScenarios.Readings, fleet);
        var scenarios = new List<ScenarioReport>();
        foreach (var day in ShopDay.Read(settings.Curves))
        {
            var watch = Stopwatch.StartNew();
            var scaled = Simulator.Run(day.Services(settings.Orders, measured, chart, settings.Seed, readings: readings));
            var seconds = watch.Elapsed.TotalSeconds;
            var peak = Simulator.Run(day.Services(
                settings.Orders, measured, chart, settings.Seed, service => new FixedReplicas(scaled.Service(service.AppId).MostReplicas), readings));
            scenarios.Add(new ScenarioReport(day.Name, day.Title, day.Curve, day.Surge, scaled, peak));
            tell(string.Create(CultureInfo.InvariantCulture, $"{day.Name}: a day of {settings.Orders:N0} orders and {settings.Vehicles:N0} vehicles in {seconds:0.00} s"));
        }

        var prices = economics.Read();
        tell("larger fleets");
        var larger = FleetSection.Simulate(fleet, measured, chart, settings.Seed, prices);
        tell("services and monolith at every load");
        return new ScalingReport(settings, measured, scenarios, new EconomicsSection(EconomicsCommand.Compare(settings, prices), prices), larger, prices);
    }

    /// <summary>Writes the page and the pictures; answers where the page is.</summary>
    public string Write()
    {
        Directory.CreateDirectory(settings.Output);
        foreach (var (name, figure) in scenarios.SelectMany(scenario => scenario.Figures()).Concat(fleet.Figures()).Append(("economics-cost", economics.CostFigure())))
        {
            figure.SavePng(Path.Combine(settings.Output, $"{name}.png"));
        }

        var page = Path.Combine(settings.Output, "index.html");
        File.WriteAllText(page, new Page(settings, measured, scenarios, economics, fleet, prices).ToString());
        return page;
    }
}
