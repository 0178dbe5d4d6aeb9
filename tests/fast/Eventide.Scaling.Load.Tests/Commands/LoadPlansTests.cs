using Eventide.Scaling.Demand;
using Eventide.Scaling.Load.Commands;
using Eventide.Scaling.Shop;
using Eventide.Tools;
using Eventide.Tools.Shops;

namespace Eventide.Scaling.Load.Tests.Commands;

/// <summary>What the command line makes of what it is told.</summary>
public class LoadPlansTests
{
    private static readonly string Curves = Path.Combine(Repository.Root, "scaling/curves");
    private static readonly LoadSettings Settings = new(".", "article", null, 4, 60, 5000, 40, 100, 1, "load.json");

    [Fact]
    public void A_day_has_the_orders_pages_and_vehicles_that_were_asked_for()
    {
        var plan = LoadPlans.Create(Settings, Curves);

        double PerDay(string name) => Enumerable.Range(0, 24 * 60).Sum(minute => plan.Demands.Single(demand => demand.Name == name).RateAt(TimeSpan.FromMinutes(minute + 0.5)) * 60);
        Assert.Equal(5000, PerDay(ShopScenarios.Orders), 5.0);
        Assert.Equal(200_000, PerDay(ShopScenarios.Pages), 200.0);
        Assert.Equal(100, plan.Demands.OfType<FleetDemand>().Single().Fleet.Vehicles);
        Assert.Equal((TimeSpan.FromHours(17), TimeSpan.FromMinutes(4)), (plan.Begin, plan.RealDuration));
    }

    [Fact]
    public void A_sale_begins_an_hour_before_its_step()
    {
        var plan = LoadPlans.Create(Settings with { Curve = "black-friday" }, Curves);
        var orders = plan.Demands.Single(demand => demand.Name == ShopScenarios.Orders);

        Assert.Equal(TimeSpan.FromHours(9), plan.Begin);
        Assert.Equal(5, orders.RateAt(TimeSpan.FromHours(10)) / orders.RateAt(new TimeSpan(9, 59, 59)), 0.01);
    }

    [Fact]
    public void What_has_no_volume_is_left_out()
    {
        Assert.Equal(["fleet"], LoadPlans.Create(Settings with { OrdersPerDay = 0 }, Curves).Demands.Select(demand => demand.Name));
        Assert.Equal([ShopScenarios.Orders, ShopScenarios.Pages], LoadPlans.Create(Settings with { Vehicles = 0 }, Curves).Demands.Select(demand => demand.Name));
        Assert.Equal(
            "There is nothing to do: ORDERS_PER_DAY and VEHICLES are both 0; give one of them a number.",
            Assert.Throws<ToolException>(() => LoadPlans.Create(Settings with { OrdersPerDay = 0, Vehicles = 0 }, Curves)).Message);
    }

    [Theory]
    [InlineData("lunch")]
    [InlineData("road")]
    public void A_curve_that_is_not_there_or_is_none_of_a_shop_is_answered_with_those_that_are(string curve) => Assert.Equal(
        $"There is no curve {curve} for a shop; there are: article, black-friday, oberlo, salecycle.",
        Assert.Throws<ToolException>(() => LoadPlans.Create(Settings with { Curve = curve }, Curves)).Message);

    [Theory]
    [InlineData("--from", "25:00", "--from is a time of day such as 17:00, not 25:00.")]
    [InlineData("--hours", "0", "--hours is from above 0 to 72.")]
    [InlineData("--speed", "-1", "--speed is from above 0 to 10,000.")]
    [InlineData("--orders-per-day", "-5", "--orders-per-day is from 0 to 100,000,000.")]
    [InlineData("--vehicles", "200000", "--vehicles is from 0 to 100,000.")]
    public void A_value_that_cannot_be_is_answered_with_those_that_can(string option, string value, string expected) =>
        Assert.Equal([expected], LoadCommandLine.Create().Parse([option, value]).Errors.Select(error => error.Message));

    [Fact]
    public void Each_finding_is_a_sentence_with_what_to_do()
    {
        var plan = LoadPlans.Create(Settings, Curves);
        var latency = new LatencyResult(1, 2, 3, 4, 5);
        var well = new LoadResult
        {
            RunId = "test",
            IsComplete = true,
            StartedAt = default,
            SendingSeconds = 1,
            SimulatedSeconds = 60,
            Actions = [new ActionResult(ActionKind.BrowsePage, 10, 10, 10, 0, 0, 0, latency)],
            Minutes = [],
            Orders = new OrderResult(5, 4, 1, 0, 0, latency, []),
            Fleet = new FleetResult(3, 9, 9, 0, 1, 1, 9, 0, 0, 1, []),
            Generator = new GeneratorResult(latency, 3, 100),
        };
        Assert.Empty(LoadSummary.Findings(well, plan));

        var badly = well with
        {
            Actions = [new ActionResult(ActionKind.BrowsePage, 10, 7, 5, 0, 2, 0, latency)],
            Orders = well.Orders with { Pending = 1, Lost = 1, Unended = ["o-lost", "o-pending"] },
            Fleet = well.Fleet with { Lost = 2, Unsent = 1, VehiclesWithLosses = ["v-7"] },
            Generator = well.Generator with { Lateness = new LatencyResult(1, 40, 80, 90, 12_000) },
        };
        Assert.Equal(
        [
            "1 orders had not ended 90 s after the last was placed, such as o-pending; `make dlq` and the logs of the services say what holds them up.",
            "1 orders were accepted and are not known to the shop any more, such as o-lost: ordering's store has lost them.",
            "2 readings were accepted and fleet had not counted them 90 s after the last, such as of v-7; it may still be behind, ask GET /vehicles/ID again.",
            "1 readings were refused, or not taken however often they were sent; the log of telemetry says why.",
            "2 actions failed: errors, broken connections, or no answer within 30 s; the logs of the services say why.",
            "3 actions were not sent because 5,000 were without an answer: the shop is overloaded; lower ORDERS_PER_DAY, VEHICLES or SPEED, or scale it out (make scale).",
            "The generator itself was late by up to 12.0 s (p99 80 ms), which is in every latency above: this machine does not carry it and the shop at this load; lower ORDERS_PER_DAY, VEHICLES or SPEED.",
        ], LoadSummary.Findings(badly, plan));
    }
}
