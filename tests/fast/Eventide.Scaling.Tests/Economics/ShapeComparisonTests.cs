using Eventide.Scaling.Chart;
using Eventide.Scaling.Economics;
using Eventide.Scaling.Report;
using Eventide.Scaling.Shop;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Tests.Economics;

/// <summary>Services against the monolith, on the chart that is committed and a made-up measurement.</summary>
public sealed class ShapeComparisonTests
{
    private static readonly RenderedChart Chart = RenderedChart.Read(Path.Combine(Repository.Root, ReportSettings.DefaultChart));
    private static readonly IReadOnlyList<ShopDay> Days = ShopDay.Read(Path.Combine(Repository.Root, "scaling/curves"));
    private static readonly Prices Prices = new("a test", "EUR", 0.04, 0.004, 60);

    [Fact]
    public void The_monolith_scales_as_the_catalog_does_and_its_pod_requests_what_the_largest_service_does()
    {
        var scenario = Days[0].Monolith(10_000, RoundFigures.Shop(), Chart, seed: 1);

        var monolith = Assert.Single(scenario.Services);
        Assert.Equal(Chart.Services["catalog"].Autoscaling, monolith.Autoscaling);
        Assert.Equal(Chart.Services["ordering"].Request, monolith.Model.CpuRequest);
    }

    [Fact]
    public void The_monolith_uses_the_processor_time_that_was_measured_for_its_orders_and_pages()
    {
        const double orders = 300_000;
        var measured = RoundFigures.Shop();

        var result = Simulator.Run(Days[0].Monolith(orders, measured, Chart, seed: 1)).Service(MonolithScenarios.Name);

        var idle = result.ReplicaTime * 0.010;
        var expected = TimeSpan.FromMilliseconds(orders * (9 + (ShopScenarios.PagesPerOrder * 1)));
        Assert.Equal(expected.TotalSeconds, (result.CpuTime - idle).TotalSeconds, 0.02 * expected.TotalSeconds);
    }

    [Fact]
    public void Services_that_have_nothing_to_do_for_an_order_are_there_all_the_same()
    {
        var result = Simulator.Run(Days[0].Services(10_000, RoundFigures.Shop(), Chart, seed: 1)).Service("fleet");

        Assert.Equal((0.0, Chart.Services["fleet"].Autoscaling.Begin), (result.Items, result.MostReplicas));
    }

    [Fact]
    public void A_shop_without_customers_costs_what_its_smallest_size_requests()
    {
        var comparison = ShapeComparison.Simulate([Days[1]], 1, RoundFigures.Shop(), Chart, Prices, seed: 1, loads: [1]);

        // One replica each that the measurement knows, as the chart allows: ordering has a cron trigger, which makes more of it in the evening.
        Assert.Equal(6 * 2, comparison.ServicesFloor.Replicas);
        Assert.Equal(((250 + 100) + (5 * (100 + 100))) * 2 / 1000.0, comparison.ServicesFloor.VCpu, 6);
        Assert.Equal(2 * (120 + (5 * 90)), comparison.ServicesFloor.MemoryMib);
        Assert.Equal((2, 0.7, 400), (comparison.MonolithFloor.Replicas, comparison.MonolithFloor.VCpu, comparison.MonolithFloor.MemoryMib));
        Assert.Equal(Prices.Of(0.7 * 24, 400 / 1024.0 * 24), comparison.MonolithFloor.CostPerDay, 6);
        Assert.Equal(comparison.MonolithFloor.CostPerDay, comparison.Curves[0].Loads[0].Monolith.Cost, 0.01);
        Assert.True(comparison.Curves[0].Loads[0].Services.Cost >= comparison.ServicesFloor.CostPerDay);
    }

    [Fact]
    public void What_is_paid_for_is_what_is_requested_or_what_is_used_and_the_room_beside_it_whichever_is_more_in_each_minute()
    {
        var scenario = Days[0].Monolith(10_000, RoundFigures.Shop(), Chart, seed: 1);
        var result = new SimulationResult(scenario,
        [
            new ServiceResult
            {
                Name = MonolithScenarios.Name,
                Items = 100,
                Unfinished = 1,
                ReplicaTime = TimeSpan.FromHours(3),
                CpuTime = TimeSpan.FromSeconds(500),
                RequestedCpuTime = TimeSpan.Zero,
                LargestBacklog = 0,
                MostReplicas = 4,
                Changes = 1,
                Median = TimeSpan.Zero,
                P95 = TimeSpan.Zero,
                P99 = TimeSpan.FromSeconds(2.003),
                Minutes = [Minute(requested: 2, used: 0.6), Minute(requested: 1, used: 3)],
                WantedPerStep = [1, 4, 2],
            },
        ]);

        var day = ShapeDay.Of(result, 10_000, Prices);

        Assert.Equal((2 + 5) / 60.0, day.VCpuHours, 9);
        Assert.Equal(3 * 200 / 1024.0, day.GibHours, 9);
        Assert.Equal(Prices.Of(7 / 60.0, 600 / 1024.0), day.Cost, 9);
        Assert.Equal(day.Cost, ShapeDay.CostOf(result, result.Services[0], Prices), 9);
        Assert.Equal((50.0, 3 * 3600.0, 4, TimeSpan.FromSeconds(2)), (day.CpuMsPerOrder, day.ReplicaSeconds, day.MostReplicas, day.SlowestWait));
        Assert.False(day.KeepsUp, "a hundredth was left over");
    }

    [Fact]
    public void Where_an_order_takes_more_in_the_monolith_services_pay_from_some_load_on()
    {
        var comparison = ShapeComparison.Simulate([Days[0]], 1e6, RoundFigures.Shop(monolithOrder: 150), Chart, Prices, seed: 1, loads: [1e3, 1e5, 1e6]);

        var curve = comparison.Curves[0];
        Assert.True(curve.At(1e3).Ratio > 1, "a small shop costs less as one process");
        Assert.True(curve.At(1e6).Ratio < 1, "a large one does not");
        Assert.InRange(curve.BreakEven!.Value, 1e3, 1e6);
        var around = ShapeComparison.Simulate(
            [Days[0]], curve.BreakEven.Value * 1.3, RoundFigures.Shop(monolithOrder: 150), Chart, Prices, seed: 1, loads: [curve.BreakEven.Value / 1.3]).Curves[0].Loads;
        Assert.True(around[0].Ratio > 1 && around[1].Ratio < 1, $"{around[0].Ratio:0.00} below, {around[1].Ratio:0.00} above");
        Assert.StartsWith("For the money from ", Answer.To(comparison, Prices));
    }

    [Fact]
    public void Where_services_never_pay_the_answer_says_so_with_the_numbers()
    {
        var comparison = ShapeComparison.Simulate([Days[0], Days[3]], 1e6, RoundFigures.Shop(), Chart, Prices, seed: 1, loads: [1e3]);

        Assert.All(comparison.Curves, curve => Assert.Null(curve.BreakEven));
        var answer = Answer.To(comparison, Prices);
        Assert.StartsWith("Not for the money: on none of the 2 days do services cost less than the monolith, at any load up to 1,000,000 orders a day, where they still cost ", answer);
        Assert.Contains(" times as much: an order takes 12.0 ms of processor time in the services and 9.0 ms in the monolith. Before the first order, services hold 12 replicas", answer);
    }

    [Fact]
    public void The_same_seed_gives_the_same_comparison()
    {
        string Run() => System.Text.Json.JsonSerializer.Serialize(ShapeComparison.Simulate([Days[2]], 1e5, RoundFigures.Shop(), Chart, Prices, seed: 7, loads: [1e4]));

        Assert.Equal(Run(), Run());
    }

    [Fact]
    public void A_measurement_without_a_monolith_says_what_writes_one() => Assert.Equal(
        "The measurement has no monolith; `make measure` writes one that has.",
        Assert.Throws<InvalidDataException>(() => Days[0].Monolith(1, RoundFigures.Shop() with { Monolith = null }, Chart, seed: 1)).Message);

    private static MinuteResult Minute(double requested, double used) => new(TimeSpan.Zero, 0, 0, 0, 0, TimeSpan.Zero) { RequestedCores = requested, UsedCores = used };
}
