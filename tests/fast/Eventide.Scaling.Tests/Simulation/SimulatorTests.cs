using Eventide.Scaling.Demand;
using Eventide.Scaling.Hpa;
using Eventide.Scaling.Keda;
using Eventide.Scaling.Services;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Tests.Simulation;

/// <summary>A service, a load and a controller together.</summary>
public class SimulatorTests
{
    private static readonly DailyCurve Flat = new([.. Enumerable.Repeat(1.0, 24)]);

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        var (one, other) = (Simulator.Run(Evening(seed: 3)), Simulator.Run(Evening(seed: 3)));

        Assert.Equal(one.Service("inventory").WantedPerStep, other.Service("inventory").WantedPerStep);
        Assert.Equal(one.Service("inventory").P99, other.Service("inventory").P99);
    }

    [Fact]
    public void Nothing_is_lost_on_the_way_up_or_down()
    {
        var result = Simulator.Run(Evening(seed: 1)).Service("inventory");

        var finished = result.Items - result.Unfinished;
        Assert.True(result.Items > 7_900_000);
        Assert.InRange(result.Unfinished, 0, 1000);
        Assert.Equal(finished * 0.010, (result.CpuTime - (result.ReplicaTime * 0.01)).TotalSeconds, finished * 1e-6);
    }

    [Fact]
    public void Replicas_follow_an_evening_up_and_down()
    {
        var result = Simulator.Run(Evening(seed: 1)).Service("inventory");

        double Wanted(double hour) => result.Minutes[(int)(hour * 60)].Wanted;
        Assert.True(Wanted(20.5) >= 2 * Wanted(4), $"{Wanted(4)} at four, {Wanted(20.5)} in the evening");
        Assert.True(Wanted(23.9) < Wanted(20.5));
        Assert.True(result.P99 < TimeSpan.FromMinutes(2), $"p99 {result.P99}");
    }

    [Theory]
    [InlineData(100)]
    [InlineData(350)]
    [InlineData(777)]
    public void Under_a_constant_load_the_processor_autoscaler_arrives_and_stays(double perSecond)
    {
        var result = Simulator.Run(Constant(perSecond, new ByHpa(new HpaSpec { MaxReplicas = 50, Metrics = [new UtilizationMetric("cpu", 60)] }), WorkKind.Requests)).Service("inventory");

        // 250 m requested, 60 % of it is 150 m; an item takes 10 ms.
        var needed = perSecond * 10 / (150 - 10);
        var last = result.WantedPerStep.TakeLast(7200).ToArray();
        Assert.InRange(last.Average(), needed * 0.89, (needed / 0.89) + 1);
        Assert.InRange(last.Zip(last.Skip(1)).Count(pair => pair.First != pair.Second), 0, 2);
    }

    [Fact]
    public void Messages_that_removed_replicas_held_come_late_and_not_never()
    {
        var model = Consumer with { Prefetch = 20, Redelivery = TimeSpan.FromSeconds(70) };
        var demand = new CurveDemand("orders", Flat, 100 * 86_400, new Surge(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10), 5));
        var scenario = new Scenario
        {
            Name = "tail",
            Demands = [demand],
            Services = [new ScaledService(model, new ByKeda(Lag(min: 1, max: 20) with { Behavior = new HpaBehavior { ScaleDown = ScalingRules.DefaultDown with { StabilizationWindow = TimeSpan.Zero } } }))],
            Duration = TimeSpan.FromMinutes(30),
        };

        var result = Simulator.Run(scenario).Service("inventory");

        Assert.True(result.Changes > 2);
        Assert.InRange(result.Unfinished, 0, 500);
    }

    [Fact]
    public void Partitions_bound_what_more_replicas_can_do()
    {
        var model = Consumer with { Partitions = 2 };
        var result = Simulator.Run(Constant(250, new FixedReplicas(10), WorkKind.Messages, model)).Service("inventory");

        // Two partitions, 100 a second each.
        Assert.Equal(200.0, (result.Items - result.Unfinished) / result.Items * 250, 2.0);
    }

    [Fact]
    public void Work_flows_from_one_service_to_the_next()
    {
        var scenario = Constant(50, new FixedReplicas(1), WorkKind.Messages);
        var result = Simulator.Run(scenario with
        {
            Services = [.. scenario.Services, new ScaledService(Consumer with { Name = "payment", Feeds = [new Feed("inventory", 0.5)] }, new FixedReplicas(1))],
        });

        Assert.Equal(0.5, result.Service("payment").Items / result.Service("inventory").Items, 0.01);
    }

    [Fact]
    public void A_feed_from_nowhere_is_named()
    {
        var scenario = Constant(50, new FixedReplicas(1), WorkKind.Messages, Consumer with { Feeds = [new Feed("moon", 1)] });

        Assert.StartsWith("inventory is fed by moon", Assert.Throws<ArgumentException>(() => Simulator.Run(scenario)).Message);
    }

    private static ServiceModel Consumer => new()
    {
        Name = "inventory",
        Kind = WorkKind.Messages,
        Feeds = [new Feed("orders", 1)],
        ServiceTime = TimeSpan.FromMilliseconds(20),
        AppCpuTime = TimeSpan.FromMilliseconds(10),
    };

    private static ScaledObjectSpec Lag(int min, int max) =>
        new() { MinReplicaCount = min, MaxReplicaCount = max, Triggers = [new RedisLagTrigger("lag", 50), new RedisPendingTrigger("pending", 50)] };

    private static Scenario Constant(double perSecond, Autoscaling autoscaling, WorkKind kind, ServiceModel? model = null) => new()
    {
        Name = "constant",
        Demands = [new CurveDemand("orders", Flat, perSecond * 86_400)],
        Services = [new ScaledService((model ?? Consumer) with { Kind = kind }, autoscaling)],
        Duration = TimeSpan.FromHours(6),
    };

    private static Scenario Evening(int seed) => new()
    {
        Name = "evening",
        Demands = [new CurveDemand("orders", new DailyCurve([.. Enumerable.Range(0, 24).Select(hour => hour is >= 18 and <= 22 ? 20.0 : 1.0)]), 8_000_000)],
        Services = [new ScaledService(Consumer with { Prefetch = 20 }, new ByKeda(Lag(min: 1, max: 20)))],
        Seed = seed,
    };
}
