using Eventide.Scaling.Chart;
using Eventide.Scaling.Local.Control;
using Eventide.Scaling.Local.Verification;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Tests.Local;

/// <summary>How a real run and a simulated one are compared, and the simulated half of that.</summary>
public sealed class VerificationTests
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_ramp_runs_in_straight_lines_and_stays_at_its_ends()
    {
        var demand = new RampDemand("orders", [new(TimeSpan.FromMinutes(1), 2), new(TimeSpan.FromMinutes(3), 10), new(TimeSpan.FromMinutes(4), 0)]);

        Assert.Equal([2, 2, 6, 10, 5, 0, 0], new[] { 0, 1, 2, 3, 3.5, 4, 9 }.Select(minute => demand.RateAt(TimeSpan.FromMinutes(minute))));
    }

    [Fact]
    public void Two_that_do_the_same_a_little_later_agree()
    {
        var simulated = Simulated([.. Enumerable.Repeat(1, 100), .. Enumerable.Repeat(4, 200)]);

        var comparison = Comparison.Of(Real(8.7), Looks(at => at < 120 ? 1 : 4), simulated, Step);

        Assert.Equal((0, true), (comparison.Apart, comparison.Agrees));
    }

    [Fact]
    public void More_than_one_replica_apart_for_longer_than_the_tolerance_is_told()
    {
        var simulated = Simulated([.. Enumerable.Repeat(1, 100), .. Enumerable.Repeat(4, 200)]);

        var comparison = Comparison.Of(Real(9), Looks(at => at < 180 ? 1 : 4), simulated, Step);

        // From 130 on, until the real one follows at 180.
        Assert.Equal(Looks(_ => 1).Count(look => look.At.TotalSeconds is > 130 and < 180), comparison.Apart);
        Assert.False(comparison.Agrees);
    }

    [Theory]
    [InlineData(9.0, true)]
    [InlineData(9.85, true)]
    [InlineData(10.0, false)]
    [InlineData(8.15, true)]
    [InlineData(8.0, false)]
    public void Replica_seconds_may_differ_by_a_tenth(double hundredsOfSeconds, bool agrees)
    {
        var simulated = Simulated([.. Enumerable.Repeat(1, 100), .. Enumerable.Repeat(4, 200)]);

        Assert.Equal(agrees, Comparison.Of(Real(hundredsOfSeconds), Looks(at => at < 100 ? 1 : 4), simulated, Step).Agrees);
    }

    [Fact]
    public void The_scenario_makes_the_two_that_are_bound_move_up_and_back_and_leaves_the_others()
    {
        var chart = RenderedChart.Read(Path.Combine(Repository.Root, "tests/charts/Eventide.Charts.Tests/Golden/production-redis-keda.yaml"));
        var seconds = (double value) => TimeSpan.FromSeconds(value);
        var measured = new Measured(
            new Dictionary<string, TimeSpan> { ["payment"] = seconds(0.52), ["shipping"] = seconds(0.62) }, new Dictionary<string, TimeSpan> { ["payment"] = seconds(1.5) },
            new Dictionary<string, TimeSpan>());

        var result = Simulator.Run(VerifyScenario.Simulated(
            20, new LocalLimits(1, 4), [.. chart.Services.Values.Select(VerifyScenario.ByBacklog).OfType<RenderedService>()], measured));

        Assert.All(new[] { "payment", "shipping" }, name =>
        {
            Assert.Equal(4, result.Service(name).MostReplicas);
            Assert.Equal(1, result.Service(name).WantedPerStep[^1]);
            Assert.Equal(0, result.Service(name).Unfinished, 0.5);
        });
        Assert.All(new[] { "inventory", "ordering", "operations", "notification" }, name => Assert.Equal(1, result.Service(name).MostReplicas));
        Assert.Equal(644, result.Service("payment").Items, 80.0);
    }

    private static AppTotal Real(double hundredsOfSeconds) => new("payment", 1, 4, 4, 100 * hundredsOfSeconds, null, null);

    private static List<Look> Looks(Func<double, int> wanted) =>
        [.. Enumerable.Range(0, 20).Select(index => 7 + (15.0 * index)).Where(at => at < 300).Select(at => new Look(TimeSpan.FromSeconds(at), "payment", wanted(at), 1, 0, 0, null))];

    private static ServiceResult Simulated(IReadOnlyList<int> wanted) => new()
    {
        Name = "payment",
        Items = 0,
        Unfinished = 0,
        ReplicaTime = TimeSpan.FromSeconds(wanted.Sum()),
        CpuTime = TimeSpan.Zero,
        RequestedCpuTime = TimeSpan.Zero,
        LargestBacklog = 0,
        MostReplicas = wanted.Max(),
        Changes = 1,
        Median = TimeSpan.Zero,
        P95 = TimeSpan.Zero,
        P99 = TimeSpan.Zero,
        Minutes = [],
        WantedPerStep = wanted,
    };
}
