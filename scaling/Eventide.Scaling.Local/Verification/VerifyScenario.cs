using Eventide.Scaling.Chart;
using Eventide.Scaling.Demand;
using Eventide.Scaling.Keda;
using Eventide.Scaling.Load;
using Eventide.Scaling.Local.Control;
using Eventide.Scaling.Services;
using Eventide.Scaling.Shop;
using Eventide.Scaling.Simulation;
using Eventide.Tools.Shops;

namespace Eventide.Scaling.Local.Verification;

/// <summary>
/// What is done to the real shop and to the simulated one. The processors of one machine do not become more with its processes, so what bounds a replica here is something else
/// that is real and that the model knows: payment and shipping take two messages at a time, and the companies behind them take time to answer. Everything else does its work as
/// fast as it comes. All of it is told on the clock of the controllers, so that a lower speed is the same scenario with less to do in a real second.
/// </summary>
internal static class VerifyScenario
{
    /// <summary>As <see cref="Demands"/> names it.</summary>
    public const string Orders = ShopScenarios.Orders;

    /// <summary>Messages that a replica of payment or shipping works on at once.</summary>
    public const int Concurrency = 2;

    /// <summary>Messages that the embedded broker gives to one replica at once; the others of them wait in its sidecar.</summary>
    public const int Given = 16;

    /// <summary>The apps that something else than the machine bounds, and the topic that each works on.</summary>
    public static IReadOnlyDictionary<string, string> Bound { get; } = new Dictionary<string, string> { ["payment"] = "payment-requests", ["shipping"] = "shipping-requests" };

    /// <summary>How long it takes, on the controllers' clock.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(40);

    /// <summary>How long the companies behind the bound apps take to answer.</summary>
    public static IReadOnlyDictionary<string, TimeSpan> Latencies { get; } = new Dictionary<string, TimeSpan>
    {
        ["payment"] = TimeSpan.FromSeconds(10),
        ["shipping"] = TimeSpan.FromSeconds(12),
    };

    // A step of an order that nothing bounds: too short to matter.
    private static readonly TimeSpan Hop = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// How the apps are set up in a real shop. A request that waits for long is not repeated, as it would be after a real minute; and an app that answers its health probe late on a
    /// busy machine is not cut off from its messages, as it would be after half a second.
    /// </summary>
    public static IReadOnlyDictionary<string, AppSetup> Setups(double speed) => Apps.ToDictionary(appId => appId, appId => new AppSetup(
        Bound.ContainsKey(appId) ? Concurrency : null,
        appId switch
        {
            "payment" => new Dictionary<string, string> { ["Payment__ProviderLatency"] = $"{Latencies[appId] / speed}" },
            "shipping" => new Dictionary<string, string> { ["Shipping__CarrierLatency"] = $"{Latencies[appId] / speed}" },
            "ordering" => new Dictionary<string, string> { ["Saga__RepeatAfter"] = "00:05:00" },
            _ => [],
        })
    {
        ProbeTimeout = TimeSpan.FromSeconds(10),
    });

    /// <summary>The apps that have a part in an order.</summary>
    public static IReadOnlyList<string> Apps { get; } = ["inventory", "payment", "shipping", "notification", "catalog", "basket", "ordering", "operations"];

    /// <summary>
    /// Orders per second: quiet, an evening that needs two replicas, a rush that needs more than there may be, and quiet again. A level just at a threshold would compare the
    /// luck of two runs.
    /// </summary>
    public static IDemand Demand { get; } = new RampDemand(
        Orders,
        [
            new(TimeSpan.FromMinutes(4), 0.075), new(TimeSpan.FromMinutes(6), 0.4), new(TimeSpan.FromMinutes(13.5), 0.4), new(TimeSpan.FromMinutes(14), 1),
            new(TimeSpan.FromMinutes(18.5), 1), new(TimeSpan.FromMinutes(19.5), 0.075),
        ]);

    /// <summary>What the load generator does to the real shop: customers whose orders nothing speaks against, and who do not hesitate.</summary>
    public static LoadPlan Load(double speed) => Plan(Demand, Length, speed);

    /// <summary>Some orders before, one after the other.</summary>
    public static LoadPlan WarmUp { get; } = Plan(new RampDemand(Orders, [new RampPoint(TimeSpan.Zero, 2)]), TimeSpan.FromSeconds(6), 1);

    /// <summary>
    /// The service with those of its rules that look at the backlog; null when it has none. What a process uses of processors that all of them share says nothing about a cluster.
    /// </summary>
    public static RenderedService? ByBacklog(RenderedService service) => service.Autoscaling is ByKeda { Spec: var spec }
        ? service with { Autoscaling = new ByKeda(spec with { Triggers = [.. spec.Triggers.Where(trigger => trigger is not CpuTrigger)] }) }
        : null;

    private static LoadPlan Plan(IDemand demand, TimeSpan length, double speed) => new()
    {
        Demands = [demand],
        Begin = TimeSpan.Zero,
        Duration = length,
        Compression = speed,
        Shoppers = new ShopperHabits { BetweenSteps = TimeSpan.FromSeconds(1), DeclinedShare = 0, NotDeliverableShare = 0 },
        Patience = TimeSpan.FromMinutes(3),
    };

    /// <summary>The simulated shop, all times on the controllers' clock.</summary>
    /// <param name="apps">The services that the real run had, with their rules.</param>
    public static Scenario Simulated(double speed, LocalLimits limits, IReadOnlyCollection<RenderedService> apps, Measured measured)
    {
        var services = apps.ToDictionary(app => app.AppId);
        ServiceModel Model(string name, params Feed[] feeds)
        {
            var isBound = Bound.ContainsKey(name);
            return new ServiceModel
            {
                Name = name,
                Kind = WorkKind.Messages,
                Feeds = feeds,
                ServiceTime = (isBound ? measured.HandlingTimes[name] : Hop) * speed,
                AppCpuTime = TimeSpan.Zero,
                Concurrency = isBound ? Concurrency : Given,
                Prefetch = isBound ? Given - Concurrency : 0,
                CpuRequest = services.GetValueOrDefault(name)?.Request ?? default,
                StartTime = measured.StartTime(name) * speed,
                DrainTime = measured.DrainTime(name) * speed,
            };
        }

        ServiceModel[] models =
        [
            Model("payment", new Feed(Orders, 1, "payment-requests")),
            Model("shipping", new Feed("payment", 1, "shipping-requests")),
            Model("inventory", new Feed(Orders, 1, "orders"), new Feed("shipping", 1, "stock-requests")),
            Model("ordering", new Feed("inventory", 1, "inventory"), new Feed("payment", 1, "payments"), new Feed("shipping", 1, "shipments")),
            Model(
                "operations", new Feed(Orders, 1, "orders"), new Feed("ordering", 1, "order-progress"), new Feed("inventory", 1, "inventory"), new Feed(Orders, 1, "payment-requests"),
                new Feed("payment", 1, "payments"), new Feed("payment", 1, "shipping-requests"), new Feed("shipping", 1, "shipments"), new Feed("shipping", 1, "stock-requests")),
            Model("notification", new Feed(Orders, 2, "orders"), new Feed("shipping", 1, "shipments")),
        ];
        return new Scenario
        {
            Name = "verify",
            Demands = [Demand],
            Duration = Length,
            Services = [.. models.Where(model => services.ContainsKey(model.Name)).Select(model => new ScaledService(model, limits.Apply(services[model.Name].Autoscaling)!))],
        };
    }
}

/// <summary>What the real run says about this machine, in real time; the simulator is told.</summary>
/// <param name="HandlingTimes">Of one message, by app, while its replicas had more than they could do.</param>
/// <param name="StartTimes">From the decision to another process until it is ready, by app.</param>
/// <param name="DrainTimes">From the decision against a process until it is gone, by app.</param>
internal sealed record Measured(
    IReadOnlyDictionary<string, TimeSpan> HandlingTimes, IReadOnlyDictionary<string, TimeSpan> StartTimes, IReadOnlyDictionary<string, TimeSpan> DrainTimes)
{
    /// <summary>Of an app; of all apps on average when it did not happen there.</summary>
    public TimeSpan StartTime(string appId) => Of(StartTimes, appId);

    /// <inheritdoc cref="StartTime"/>
    public TimeSpan DrainTime(string appId) => Of(DrainTimes, appId);

    private static TimeSpan Of(IReadOnlyDictionary<string, TimeSpan> times, string appId) => times.TryGetValue(appId, out var time)
        ? time
        : times.Count == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(times.Values.Average(other => other.TotalSeconds));
}
