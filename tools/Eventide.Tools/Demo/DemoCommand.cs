using System.Text.Json;
using Eventide.Brokers.Backing;
using Eventide.Tools.Evidence;
using Eventide.Tools.Invariants;
using Eventide.Tools.Shops;
using Spectre.Console;

namespace Eventide.Tools.Demo;

/// <summary>
/// `demo`: starts a shop of its own, drives orders of every kind through it, and checks the invariants when all is at rest. Exit code 1 when an order did not end or
/// an invariant does not hold.
/// </summary>
internal static class DemoCommand
{
    private static readonly TimeSpan LongestOrder = TimeSpan.FromSeconds(90);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static async Task<int> ExecuteAsync(DemoSettings settings, CancellationToken cancellationToken)
    {
        if (Directory.Exists(settings.Data) && Directory.EnumerateFileSystemEntries(settings.Data).Any())
        {
            throw new ToolException($"{settings.Data} is not empty; the demo needs a folder of its own, because orders of an earlier shop would count as violations.");
        }

        var folder = settings.Data ?? Directory.CreateTempSubdirectory("eventide-demo-").FullName;
        AnsiConsole.MarkupLineInterpolated($"{settings.Orders} orders, SEED={settings.Seed}; starting a shop in {folder}");
        int code;
        await using (var backing = await OpenBackingAsync(settings, folder, cancellationToken))
        await using (var shop = await OwnShop.StartAsync(folder, backing.Resources, settings.RunnerArguments, cancellationToken))
        {
            code = await RunAsync(shop, settings, cancellationToken);
        }

        if (settings.Data is null && code == 0)
        {
            Directory.Delete(folder, recursive: true);
        }

        return code;
    }

    private static Task<BackingServices> OpenBackingAsync(DemoSettings settings, string folder, CancellationToken cancellationToken) => settings.Resources.Count > 0
        ? Task.FromResult(BackingServices.Given(settings.Resources))
        : BackingServices.StartAsync(
            new BackingSettings(Repository.Components, settings.Broker, settings.Store, folder), Environment.GetEnvironmentVariable, Console.WriteLine, cancellationToken);

    private static async Task<int> RunAsync(OwnShop shop, DemoSettings settings, CancellationToken cancellationToken)
    {
        using var client = new ShopClient(() => shop.State);
        var evidence = new EvidenceReader(client, shop.State!.Apps.Select(app => app.AppId).ToHashSet());
        var stockBefore = await evidence.StockAsync(cancellationToken);
        var (driven, seconds) = await DriveAsync(shop, client, settings, cancellationToken);
        AnsiConsole.MarkupLine("[grey]gathering evidence until all is at rest[/]");
        var (before, _) = await evidence.ReadAtRestAsync(driven, stockBefore, cancellationToken);
        var replayed = await new Replayer(client).ReplayAsync(before, cancellationToken);
        AnsiConsole.MarkupLineInterpolated($"[grey]published all {replayed} events once more; gathering evidence again[/]");
        var (after, atRest) = await evidence.ReadAtRestAsync(driven, stockBefore, cancellationToken);
        var violations = InvariantChecks.Run(after with { BeforeReplay = before });
        var ended = after.Orders.Select(order => order.Order?.State).ToList();
        var summary = new DemoSummary(
            driven.Count, ended.Count(end => end == OrderView.Confirmed), ended.Count(end => end == OrderView.Cancelled),
            ended.Count(end => end is not (OrderView.Confirmed or OrderView.Cancelled)), violations.Count, Math.Round(seconds, 1), Math.Round(driven.Count / seconds, 1));
        Report(after, violations, atRest, shop.Data, summary);
        return summary is { Pending: 0, Violations: 0 } && atRest ? 0 : 1;
    }

    private static async Task<(IReadOnlyList<DrivenOrder> Orders, double Seconds)> DriveAsync(
        OwnShop shop, ShopClient client, DemoSettings settings, CancellationToken cancellationToken)
    {
        var plans = DemoPlan.Create(settings.Orders, settings.Seed);
        var started = TimeProvider.System.GetTimestamp();
        return await AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new RemainingTimeColumn(), new ElapsedTimeColumn()).StartAsync(async progress =>
        {
            var bar = progress.AddTask("orders", maxValue: plans.Count);
            var killer = settings.Kill
                ? new ServiceKiller(shop, plans.Count, app => AnsiConsole.MarkupLineInterpolated($"[yellow]killed {app}[/]"))
                : null;
            var killing = killer?.RunAsync(cancellationToken) ?? Task.CompletedTask;
            var orders = await new DemoDriver(client, LongestOrder).DriveAsync(plans, settings.InFlight, _ =>
            {
                bar.Increment(1);
                killer?.OrderEnded();
            }, cancellationToken);
            var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            await killing;
            return (orders, seconds);
        });
    }

    private static void Report(ShopEvidence evidence, IReadOnlyList<Violation> violations, bool atRest, string data, DemoSummary summary)
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
            AnsiConsole.MarkupLine("[red]The shop did not come to rest within 90 s: new evidence kept coming.[/]");
        }

        if (violations.Count > 0 || summary.Pending > 0)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]State and logs are kept in {data}.[/]");
        }

        Console.WriteLine(JsonSerializer.Serialize(summary, Json));
    }
}
