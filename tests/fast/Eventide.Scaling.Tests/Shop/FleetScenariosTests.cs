using Eventide.Scaling.Chart;
using Eventide.Scaling.Demand;
using Eventide.Scaling.Report;
using Eventide.Scaling.Shop;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Tests.Shop;

/// <summary>The day and the night of a fleet, on the chart that is committed and a made-up measurement.</summary>
public sealed class FleetScenariosTests
{
    private static readonly RenderedChart Chart = RenderedChart.Read(Path.Combine(Repository.Root, ReportSettings.DefaultChart));
    private static readonly Fleet Drivers = Fleet.Simulate(10_000, seed: 1);

    [Fact]
    public void Ten_thousand_vehicles_need_no_more_than_the_fewest_replicas()
    {
        var day = Simulator.Run(FleetScenarios.Day(new FleetDemand("readings", Drivers), RoundFigures.Shop(), Chart, seed: 1));

        Assert.All(day.Services, service => Assert.Equal((0, 2), (service.Changes, service.MostReplicas)));
    }

    [Fact]
    public void A_million_vehicles_get_twice_as_many_replicas_of_fleet_by_day_as_by_night_and_every_reading_is_done()
    {
        var readings = new FleetDemand("readings", Drivers, vehiclesPerDriver: 100);

        var fleet = Simulator.Run(FleetScenarios.Day(readings, RoundFigures.Shop(), Chart, seed: 1)).Service(FleetScenarios.Fleet);

        // The sidecar's half of a core carries 5,000 readings/s of 0.1 ms; at eleven there are some 27,000.
        int WantedAt(int hour) => fleet.WantedPerStep[hour * 3600];
        var busy = readings.RateAt(TimeSpan.FromHours(11));
        Assert.InRange(busy, 20_000, 30_000);
        Assert.InRange(fleet.MostReplicas, (int)Math.Ceiling(busy / 5000), 12);
        Assert.InRange(WantedAt(3), 2, WantedAt(11) / 2);
        Assert.True(WantedAt(11) >= (int)Math.Ceiling(busy / 5000));
        Assert.Equal(Enumerable.Range(0, 86_400).Sum(second => readings.RateAt(TimeSpan.FromSeconds(second))), fleet.Items, 0.001 * fleet.Items);
        Assert.True(fleet.Unfinished < 5000);
    }

    [Fact]
    public void A_day_of_the_shop_has_the_vehicles_in_it()
    {
        var curves = ShopDay.Read(Path.Combine(Repository.Root, "scaling/curves"));
        var readings = new FleetDemand("readings", Drivers);

        var day = Simulator.Run(curves[0].Services(10_000, RoundFigures.Shop(), Chart, seed: 1, readings: readings));

        var expected = Enumerable.Range(0, 86_400).Sum(second => readings.RateAt(TimeSpan.FromSeconds(second)));
        Assert.All(
            new[] { FleetScenarios.Telemetry, FleetScenarios.Fleet }, name => Assert.Equal(expected, day.Service(name).Items, 0.001 * expected));
    }

    [Fact]
    public void A_measurement_without_readings_says_what_writes_one() => Assert.Equal(
        "The measurement has no readings of vehicles; `make measure` writes one that has.",
        Assert.Throws<InvalidDataException>(() => FleetScenarios.Day(new FleetDemand("readings", Drivers), RoundFigures.Shop() with { Fleet = null }, Chart, seed: 1)).Message);
}
