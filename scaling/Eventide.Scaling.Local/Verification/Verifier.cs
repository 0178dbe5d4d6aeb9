using Eventide.Scaling.Chart;
using Eventide.Scaling.Load;
using Eventide.Scaling.Load.Targets;
using Eventide.Scaling.Local.Brokers;
using Eventide.Scaling.Local.Clock;
using Eventide.Scaling.Local.Control;
using Eventide.Scaling.Local.Shops;
using Eventide.Scaling.Simulation;
using Eventide.Tools.Shops;

namespace Eventide.Scaling.Local.Verification;

/// <summary>Runs the scenario in a shop of its own, then simulates it with what was measured meanwhile.</summary>
internal sealed class Verifier(double speed, LocalLimits limits, string data, Action<string> tell)
{
    private static readonly TimeSpan RestorePatience = TimeSpan.FromSeconds(60);

    /// <summary>Does both.</summary>
    /// <exception cref="Tools.ToolException">The shop did not start, or could not be measured.</exception>
    public async Task<VerifyResult> RunAsync(CancellationToken cancellationToken)
    {
        var runFile = PartOfRunFile.Write(data, VerifyScenario.Apps, new Dictionary<string, string>(), VerifyScenario.Setups(speed));
        tell($"Starting a shop in {data}.");
        await using var own = await OwnShop.StartAsync(data, Repository.EmbeddedComponents, [], cancellationToken, runFile);
        using var target = ShopTarget.Running(data);
        var broker = BrokerComponent.Find(own.State!.Resources, BacklogReaders.Component);
        var chart = RenderedChart.Read(BacklogReaders.ChartFor(broker));
        // What is compiled at its first use would be measured otherwise.
        await LoadRun.RunAsync(VerifyScenario.WarmUp, target, cancellationToken: cancellationToken);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var meters = VerifyScenario.Bound.Select(app => new BusyMeter(app.Key, app.Value, VerifyScenario.Concurrency, () => own.State, http, TimeProvider.System)).ToList();
        var time = new ScaledTimeProvider(TimeProvider.System, speed, Simulator.Midnight);
        var apps = own.State!.Apps.Select(app => app.AppId).Distinct().Select(appId => chart.Services.GetValueOrDefault(appId)).OfType<RenderedService>()
            .Select(VerifyScenario.ByBacklog).OfType<RenderedService>().OrderBy(service => service.AppId, StringComparer.Ordinal).ToList();
        await using var backlogs = BacklogReaders.Create(broker, () => own.State);
        await using var autoscaler = new LocalAutoscaler(new RunningShop(data), backlogs, apps, limits, time, TimeProvider.System, ProcessorMeter.TotalOf);
        void OnChanged(ReplicaChange change) => tell(AutoscaleView.Line(change));
        autoscaler.Changed += OnChanged;
        autoscaler.Troubled += (appId, sentence) => tell($"{appId}: {sentence}");
        tell($"{VerifyScenario.Length.TotalMinutes:0} minutes at {speed:0}× speed");
        var (load, totals) = await DriveAsync(autoscaler, meters, target, time, cancellationToken);
        tell($"{load.Orders!.Accepted} orders placed, {load.Orders.Confirmed} confirmed, {load.Orders.Pending} pending, {load.Orders.Lost} lost");

        var measured = Measure(meters, autoscaler, totals);
        var scenario = VerifyScenario.Simulated(speed, limits, apps, measured);
        var simulated = Simulator.Run(scenario);
        var looks = autoscaler.Looks.Where(look => look.At <= VerifyScenario.Length).ToLookup(look => look.AppId);
        return new VerifyResult(
            speed, load, measured, simulated, [.. totals.Select(total => Comparison.Of(total, [.. looks[total.AppId]], simulated.Service(total.AppId), scenario.Step))],
            autoscaler.Changes, autoscaler.Looks);
    }

    private static async Task<(LoadResult Load, IReadOnlyList<AppTotal> Totals)> DriveAsync(
        LocalAutoscaler autoscaler, IReadOnlyList<BusyMeter> meters, ShopTarget target, ScaledTimeProvider time, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var measuring = Task.WhenAll(meters.Select(meter => meter.RunAsync(stop.Token)));
        var scaling = autoscaler.RunAsync(stop.Token);
        var placing = LoadRun.RunAsync(VerifyScenario.Load(time.Factor), target, cancellationToken: cancellationToken);
        var ended = Task.Delay(autoscaler.Begin + VerifyScenario.Length - time.GetUtcNow(), time, cancellationToken);
        if (await Task.WhenAny(scaling, ended) == scaling)
        {
            await scaling;
        }

        await stop.CancelAsync();
        await Task.WhenAll(scaling, measuring).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        var totals = autoscaler.Totals();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(RestorePatience);
        await autoscaler.RestoreAsync(limit.Token);
        return (await placing, totals);
    }

    private static Measured Measure(IReadOnlyList<BusyMeter> meters, LocalAutoscaler autoscaler, IReadOnlyList<AppTotal> totals) => new(
        meters.ToDictionary(meter => meter.AppId, meter => meter.HandlingTime),
        totals.Where(total => total.StartSeconds is not null).ToDictionary(total => total.AppId, total => TimeSpan.FromSeconds(total.StartSeconds!.Value)),
        autoscaler.Apps.Where(app => app.Follower.Drains.Count > 0).ToDictionary(app => app.AppId, app => TimeSpan.FromSeconds(app.Follower.Drains.Average(drain => drain.TotalSeconds))));
}

/// <summary>Both runs.</summary>
/// <param name="Measured">In real time.</param>
internal sealed record VerifyResult(
    double Speed, LoadResult Load, Measured Measured, SimulationResult Simulated, IReadOnlyList<Comparison> Comparisons, IReadOnlyList<ReplicaChange> Changes,
    IReadOnlyList<Look> Looks)
{
    /// <summary>
    /// Whether messages took half as long again as the companies behind the services did: then everything waited for the processor, which the model does not know.
    /// </summary>
    public bool WasTooBusy => Measured.HandlingTimes.Any(time => time.Value * Speed > 1.5 * VerifyScenario.Latencies[time.Key]);

    /// <summary>Whether every app agrees, and at least one has moved: two shops in which nothing happens agree about nothing.</summary>
    public bool Agrees => Comparisons.All(comparison => comparison.Agrees) && Comparisons.Any(comparison => comparison.RealMost > 1) && Load is { NothingIsLost: true, Orders.Cancelled: 0 };
}
