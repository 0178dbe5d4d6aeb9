using System.Diagnostics;
using Eventide.Scaling.Chart;
using Eventide.Scaling.Keda;
using Eventide.Scaling.Local.Brokers;
using Eventide.Scaling.Local.Clock;
using Eventide.Scaling.Local.Control;
using Eventide.Scaling.Local.Shops;
using Eventide.Scaling.Simulation;
using Eventide.Tools.Demo;
using Eventide.Tools.Evidence;
using Eventide.Tools.Invariants;
using Eventide.Tools.Shops;

namespace Eventide.Demo.Tests;

/// <summary>A shop whose replicas follow its load while orders of every kind are under way.</summary>
public sealed class AutoscaleTests
{
    private const int Orders = 40;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replicas_follow_bursts_up_and_down_and_nothing_is_lost_or_done_twice()
    {
        var folder = Directory.CreateTempSubdirectory("eventide-autoscale-").FullName;

        // One payment at a time and 0.6 s each: a replica is slower than the orders come, even on a machine that is busy with something else.
        var runFile = PartOfRunFile.Write(
            folder, ["inventory", "payment", "shipping", "notification", "catalog", "basket", "ordering", "operations"], new Dictionary<string, string>(),
            new Dictionary<string, AppSetup> { ["payment"] = new(1, new Dictionary<string, string> { ["Payment__ProviderLatency"] = "00:00:00.6" }) });
        await using (var own = await OwnShop.StartAsync(folder, Repository.EmbeddedComponents, [], Cancel, runFile))
        {
            using var client = new ShopClient(() => own.State);
            var evidence = new EvidenceReader(client, own.State!.Apps.Select(app => app.AppId).ToHashSet(), Patience);
            var stock = await evidence.StockAsync(Cancel);
            var shop = new RunningShop(folder);
            await using var backlogs = BacklogReaders.Create(BrokerComponent.Find(own.State.Resources, BacklogReaders.Component), () => own.State);
            await using var autoscaler = new LocalAutoscaler(
                shop, backlogs, Services(), new LocalLimits(1, 4), new ScaledTimeProvider(TimeProvider.System, 60), TimeProvider.System, ProcessorMeter.TotalOf);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            var scaling = autoscaler.RunAsync(stop.Token);
            var driven = new List<DrivenOrder>();
            for (var burst = 0; burst < 2; burst++)
            {
                var before = autoscaler.Changes.Count;
                driven.AddRange(await new DemoDriver(client, new OrderGate(Orders), Patience).DriveAsync(DemoPlan.Create(Orders, 21 + burst), _ => { }, Cancel));
                await UntilAsync(
                    scaling, autoscaler,
                    () => autoscaler.Changes.Skip(before).Any(change => change is { AppId: "payment", From: 1, To: > 1 })
                        && autoscaler.Changes.Skip(before).Any(change => change is { AppId: "payment", To: 1 })
                        && shop.Replicas("payment").Count == 1 && autoscaler.Apps.All(app => app.Follower.Existing == 1));
            }

            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scaling);
            var (found, atRest) = await evidence.ReadAtRestAsync(driven, stock, InvariantChecks.Hold, Cancel);

            Assert.True(atRest);
            Assert.Equal(2 * Orders, found.Orders.Count(order => order.Order is { IsTerminal: true }));
            Assert.Empty(InvariantChecks.Run(found));
            Assert.Contains(autoscaler.Looks, look => look is { AppId: "payment", Ready: > 1 });
        }

        Directory.Delete(folder, recursive: true);
    }

    // The chart's own rules, with a smaller backlog per replica: fewer orders make it move.
    private static IEnumerable<RenderedService> Services() =>
        from service in RenderedChart.Read(Path.Combine(Repository.Root, "tests/charts/Eventide.Charts.Tests/Golden/production-redis-keda.yaml")).Services.Values
        where service.AppId is "payment" or "inventory"
        let spec = ((ByKeda)service.Autoscaling).Spec
        select service with { Autoscaling = new ByKeda(spec with { Triggers = [.. spec.Triggers.Select(trigger => trigger is RedisLagTrigger lag ? lag with { Target = 4 } : trigger)] }) };

    private static async Task UntilAsync(Task scaling, LocalAutoscaler autoscaler, Func<bool> condition)
    {
        var limit = Stopwatch.StartNew();
        while (!condition())
        {
            if (scaling.IsCompleted)
            {
                await scaling;
            }

            Assert.True(limit.Elapsed < Patience, "The replicas did not come and go:\n" + Told(autoscaler));
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancel);
        }
    }

    private static string Told(LocalAutoscaler autoscaler) => string.Join('\n', [
        .. autoscaler.Changes.Select(change => $"{change}"),
        .. autoscaler.Looks.Where(look => look.Waiting > 0 || look.InHand > 0 || look.Wanted > 1).Select(look => $"{look}"),
        .. autoscaler.Apps.Select(app => $"{app.Service.AppId}: {app.Follower.Wanted} wanted, {app.Follower.Existing} processes"),
    ]);
}
