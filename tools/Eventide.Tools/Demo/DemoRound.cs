using System.Text.Json;
using Eventide.Brokers.Backing;
using Eventide.Tools.Evidence;
using Eventide.Tools.Faults;
using Eventide.Tools.Invariants;
using Eventide.Tools.Shops;
using Spectre.Console;

namespace Eventide.Tools.Demo;

/// <summary>Orders through a shop that runs, the faults meanwhile, and the check afterwards.</summary>
internal sealed class DemoRound(OwnShop shop, BackingServices backing, DemoSettings settings)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private readonly InjectedFaults? _injected = settings.Faults == FaultKind.None ? null : new InjectedFaults { DeliveredTwice = settings.Duplicates };
    private readonly OrderGate _gate = new(settings.InFlight);

    // Redis gives the messages of a consumer that was killed to another after 75 s, and the saga asks again after 60 s; each fault may cost that.
    private TimeSpan LongestOrder => settings.Faults == FaultKind.None ? TimeSpan.FromSeconds(90) : TimeSpan.FromMinutes(5);

    private TimeSpan LongestUnrest => settings.Faults == FaultKind.None ? TimeSpan.FromSeconds(90) : TimeSpan.FromMinutes(3);

    /// <summary>Whether every order has ended and every invariant holds; the last line of the output is the summary.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var client = new ShopClient(() => shop.State);
        var evidence = new EvidenceReader(client, shop.State!.Services, LongestUnrest);
        var stockBefore = await evidence.StockAsync(cancellationToken);
        var (driven, seconds) = await DriveAsync(client, cancellationToken);
        AnsiConsole.MarkupLine("[grey]gathering evidence until all is at rest[/]");
        var (before, _) = await evidence.ReadAtRestAsync(driven, stockBefore, InvariantChecks.Hold, cancellationToken);
        var replayed = await new Replayer(client).ReplayAsync(before, cancellationToken);
        AnsiConsole.MarkupLineInterpolated($"[grey]published all {replayed} events once more; gathering evidence again[/]");
        var (after, atRest) = await evidence.ReadAtRestAsync(
            driven, stockBefore, seen => InvariantChecks.Hold(seen with { BeforeReplay = before }), cancellationToken);
        var violations = InvariantChecks.Run(after with { BeforeReplay = before });
        var ended = after.Orders.Select(order => order.Order?.State).ToList();
        var summary = new DemoSummary(
            driven.Count, ended.Count(end => end == OrderView.Confirmed), ended.Count(end => end == OrderView.Cancelled),
            ended.Count(end => end is not (OrderView.Confirmed or OrderView.Cancelled)), violations.Count, Math.Round(seconds, 1), Math.Round(driven.Count / seconds, 1), _injected);
        Report(after, violations, atRest, summary);
        return summary is { Pending: 0, Violations: 0 } && atRest;
    }

    private async Task<(IReadOnlyList<DrivenOrder> Orders, double Seconds)> DriveAsync(ShopClient client, CancellationToken cancellationToken)
    {
        var plans = DemoPlan.Create(settings.Orders, settings.Seed);
        IReadOnlyList<IFault> faults = settings.Faults switch
        {
            FaultKind.Kills => FaultPlans.Kills(shop, _injected!),
            FaultKind.Chaos => FaultPlans.Chaos(shop, backing, _gate, settings, _injected!),
            _ => [],
        };
        var schedule = new FaultSchedule(faults, plans.Count, fault => AnsiConsole.MarkupLineInterpolated($"[yellow]{fault}[/]"));
        var started = TimeProvider.System.GetTimestamp();
        return await AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new RemainingTimeColumn(), new ElapsedTimeColumn()).StartAsync(async progress =>
        {
            var bar = progress.AddTask("orders", maxValue: plans.Count);
            using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var faulting = schedule.RunAsync(failed.Token);
            var driving = new DemoDriver(client, _gate, LongestOrder).DriveAsync(plans, _ =>
            {
                bar.Increment(1);
                schedule.OrderEnded();
            }, failed.Token);
            if (await Task.WhenAny(faulting, driving) is { IsCompletedSuccessfully: false } first)
            {
                // Orders wait in vain for what does not run again.
                await failed.CancelAsync();
                await first;
            }

            var orders = await driving;
            var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            await faulting;
            return (orders, seconds);
        });
    }

    private void Report(ShopEvidence evidence, IReadOnlyList<Violation> violations, bool atRest, DemoSummary summary)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("orders").AddColumns(
            new TableColumn("confirmed").RightAligned(), new TableColumn("cancelled").RightAligned(), new TableColumn("pending").RightAligned());
        foreach (var kind in evidence.Orders.GroupBy(order => order.Driven.Plan.Kind).OrderBy(kind => kind.Key))
        {
            int Count(Func<OrderView?, bool> isSo) => kind.Count(order => isSo(order.Order));
            table.AddRow(
                $"{kind.Count()} {kind.Key.Description()}", $"{Count(order => order?.State == OrderView.Confirmed)}", $"{Count(order => order?.State == OrderView.Cancelled)}",
                $"{Count(order => order is not { IsTerminal: true })}");
        }

        AnsiConsole.Write(table);
        if (evidence.DeadLetters.Count > 0)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]{evidence.DeadLetters.Count} dead letters[/]");
        }

        foreach (var violation in violations)
        {
            Console.WriteLine(violation);
        }

        if (!atRest)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]The shop did not come to rest within {LongestUnrest.TotalSeconds} s: new evidence kept coming, or what it said did not fit.[/]");
        }

        if (violations.Count > 0 || summary.Pending > 0)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]State and logs are kept in {shop.Data}.[/]");
        }

        Console.WriteLine(JsonSerializer.Serialize(summary, Json));
    }
}
