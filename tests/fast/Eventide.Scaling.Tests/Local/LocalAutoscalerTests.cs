using Eventide.Scaling.Chart;
using Eventide.Scaling.Hpa;
using Eventide.Scaling.Keda;
using Eventide.Scaling.Local.Clock;
using Eventide.Scaling.Local.Control;
using Eventide.Scaling.Simulation;
using Microsoft.Extensions.Time.Testing;

namespace Eventide.Scaling.Tests.Local;

/// <summary>The simulator's controllers at a shop that is not simulated: what they see of it and what it is told. A minute of theirs is a second here.</summary>
public sealed class LocalAutoscalerTests
{
    private const double Factor = 60;
    private readonly FakeTimeProvider _real = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly FakeShop _shop;
    private readonly FakeBroker _broker = new();
    private readonly ScaledTimeProvider _time;
    private readonly Dictionary<int, TimeSpan> _used = [];

    public LocalAutoscalerTests() => (_shop, _time) = (new FakeShop(_real), new ScaledTimeProvider(_real, Factor));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static RenderedService Payment { get; } = new("payment", new Cores(200, 100), new Cores(1000, 500), new ByKeda(new ScaledObjectSpec
    {
        PollingInterval = TimeSpan.FromSeconds(15),
        MinReplicaCount = 2,
        MaxReplicaCount = 10,
        Behavior = new HpaBehavior(),
        Triggers = [new RedisLagTrigger("requests-lag", 40) { Topic = "requests" }, new RedisPendingTrigger("requests-pending", 40) { Topic = "requests" }],
    }));

    private static RenderedService Catalog { get; } = new("catalog", new Cores(200, 100), new Cores(1000, 500), new ByHpa(new HpaSpec
    {
        MinReplicas = 2,
        MaxReplicas = 10,
        Metrics = [new UtilizationMetric("cpu", 50)],
        Behavior = new HpaBehavior(),
    }));

    [Fact]
    public async Task Replicas_follow_the_backlog_up_at_once_and_down_after_the_stabilisation_window()
    {
        await using var autoscaler = Autoscaler(_shop.App("payment"), 1, 8, Payment);
        _broker.Backlogs["requests"] = new BacklogReading(0, 0);
        await PassAsync(autoscaler, TimeSpan.FromMinutes(1));
        Assert.Empty(autoscaler.Changes);

        _broker.Backlogs["requests"] = new BacklogReading(200, 16);
        await PassAsync(autoscaler, TimeSpan.FromSeconds(15));

        // Five are asked for, and from one it goes to five at once: four more in fifteen seconds.
        var up = Assert.Single(autoscaler.Changes);
        Assert.Equal(("payment", 1, 5, "requests-lag asks for 5"), (up.AppId, up.From, up.To, up.Reason));
        Assert.Equal(5, _shop.Replicas("payment").Count);

        _broker.Backlogs["requests"] = new BacklogReading(0, 0);
        await PassAsync(autoscaler, TimeSpan.FromMinutes(4.5));
        Assert.Single(autoscaler.Changes);
        await PassAsync(autoscaler, TimeSpan.FromMinutes(1));

        Assert.Equal((5, 1), (autoscaler.Changes[^1].From, autoscaler.Changes[^1].To));
        Assert.Single(_shop.Replicas("payment"));
        Assert.InRange(_real.GetUtcNow() - DateTimeOffset.UnixEpoch.AddYears(50), TimeSpan.Zero, TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task This_machines_limits_stand_above_the_charts()
    {
        await using var autoscaler = Autoscaler(_shop.App("payment"), 1, 3, Payment);
        _broker.Backlogs["requests"] = new BacklogReading(10_000, 0);

        await PassAsync(autoscaler, TimeSpan.FromMinutes(3));

        Assert.Equal(3, _shop.Replicas("payment").Count);
        Assert.Equal([("payment", 3)], _shop.Asked);
    }

    [Fact]
    public async Task The_charts_minimum_holds_where_this_machine_can_bear_it()
    {
        await using var autoscaler = Autoscaler(_shop.App("payment"), 2, 3, Payment);
        _broker.Backlogs["requests"] = new BacklogReading(0, 0);

        await PassAsync(autoscaler, TimeSpan.FromSeconds(15));

        Assert.Equal(2, _shop.Replicas("payment").Count);
        Assert.Equal("fewer replicas than minReplicaCount", autoscaler.Changes[0].Reason);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_is_told_once_and_nothing_shrinks()
    {
        await using var autoscaler = Autoscaler(_shop.App("payment", 4), 1, 8, Payment);
        var troubles = new List<string>();
        autoscaler.Troubled += (appId, sentence) => troubles.Add($"{appId}: {sentence}");
        _broker.IsAway = true;

        await PassAsync(autoscaler, TimeSpan.FromMinutes(20));

        Assert.Equal(["payment: the broker is away"], troubles);
        Assert.Empty(_shop.Asked);
        Assert.All(autoscaler.Looks, look => Assert.Null(look.Waiting));
    }

    [Fact]
    public async Task What_the_processes_use_is_measured_on_the_machines_own_clock_against_the_apps_request_alone()
    {
        await using var autoscaler = Autoscaler(_shop.App("catalog", 2), 1, 8, Catalog);

        // Three tenths of a core each are 150 % of 200 m, and three times the target of 50 %.
        await PassAsync(autoscaler, TimeSpan.FromMinutes(1.5), millicores: 300);

        Assert.Equal((2, 6), (autoscaler.Changes[0].From, autoscaler.Changes[0].To));
        Assert.Equal("cpu asks for 6", autoscaler.Changes[0].Reason);
        Assert.Contains(autoscaler.Looks, look => look.Millicores is >= 295 and <= 305);
    }

    [Fact]
    public async Task Processes_that_are_starting_are_pods_that_are_pending()
    {
        _shop.StartTime = TimeSpan.FromSeconds(2);
        await using var autoscaler = Autoscaler(_shop.App("payment"), 1, 8, Payment);
        _broker.Backlogs["requests"] = new BacklogReading(120, 0);

        await PassAsync(autoscaler, TimeSpan.FromSeconds(90));

        Assert.Single(_shop.Asked);
        Assert.Equal((3, 1), (autoscaler.Looks[^1].Wanted, autoscaler.Looks[^1].Ready));
        await PassAsync(autoscaler, TimeSpan.FromSeconds(60));
        Assert.Equal(3, autoscaler.Looks[^1].Ready);
        Assert.Equal(2, autoscaler.Totals().Single().StartSeconds!.Value, 0.001);
    }

    [Fact]
    public async Task In_the_end_every_app_has_the_processes_that_it_had()
    {
        await using var autoscaler = Autoscaler(_shop.App("payment").App("catalog", 3), 1, 8, Payment, Catalog);
        _broker.Backlogs["requests"] = new BacklogReading(120, 0);
        await PassAsync(autoscaler, TimeSpan.FromMinutes(1), millicores: 300);
        Assert.Equal(3, _shop.Replicas("payment").Count);

        await autoscaler.RestoreAsync(Cancel);

        Assert.Equal((1, 3), (_shop.Replicas("payment").Count, _shop.Replicas("catalog").Count));
    }

    [Fact]
    public async Task The_lives_of_the_processes_are_added_up()
    {
        await using var autoscaler = Autoscaler(_shop.App("payment", 2), 1, 8, Payment);
        _broker.Backlogs["requests"] = new BacklogReading(160, 0);

        await PassAsync(autoscaler, TimeSpan.FromSeconds(100));

        // Two until the first look, then four.
        var since = autoscaler.Changes.Single().At.TotalSeconds;
        Assert.Equal((2 * since) + (4 * (100 - since)), autoscaler.Totals().Single().ReplicaSeconds, 4.0);
    }

    private LocalAutoscaler Autoscaler(FakeShop shop, int minimum, int maximum, params RenderedService[] services) => new(
        shop, _broker, services, new LocalLimits(minimum, maximum), _time, _real, pid => _used.GetValueOrDefault(pid));

    /// <summary>Lets time of the controllers pass, second by second; what was decided is done before the next one.</summary>
    private async Task PassAsync(LocalAutoscaler autoscaler, TimeSpan time, int millicores = 0)
    {
        for (var second = 0; second < time.TotalSeconds; second++)
        {
            var step = TimeSpan.FromSeconds(1) / Factor;
            foreach (var replica in autoscaler.Apps.SelectMany(app => _shop.Replicas(app.AppId)))
            {
                _used[replica.Pid] = _used.GetValueOrDefault(replica.Pid) + (step * (millicores / 1000.0));
            }

            _real.Advance(step);
            await autoscaler.TickAsync(Cancel);
            await Task.WhenAll(autoscaler.Apps.Select(app => app.Follower.SettledAsync(Cancel)));
        }
    }
}
