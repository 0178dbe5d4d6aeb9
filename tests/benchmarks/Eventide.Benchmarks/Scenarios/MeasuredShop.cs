using System.Diagnostics;
using Eventide.Benchmarks.Measuring;
using Eventide.Contracts;
using Eventide.Scaling.Shop;
using Eventide.Tools.Evidence;
using Eventide.Tools.Shops;
using Spectre.Console;

namespace Eventide.Benchmarks.Scenarios;

/// <summary>What a running shop took, by app, whatever its shape: orders, pages, nothing, one more replica.</summary>
/// <param name="PerOrder">Milliseconds.</param>
/// <param name="PerPage">Milliseconds.</param>
/// <param name="Idle">Thousandths of a core.</param>
/// <param name="Memory">MiB of both together.</param>
/// <param name="Order">Milliseconds from the request to the confirmation when nothing else runs.</param>
/// <param name="Page">Milliseconds of one page when nothing else runs.</param>
/// <param name="StartSeconds">Of one more replica.</param>
/// <param name="Messages">For one order, by topic.</param>
/// <param name="Fleet">What readings of vehicles took; null where one process does it all.</param>
internal sealed record MeasuredShop(
    IReadOnlyDictionary<string, Used> PerOrder, IReadOnlyDictionary<string, Used> PerPage, IReadOnlyDictionary<string, Used> Idle, IReadOnlyDictionary<string, double> Memory,
    double Order, double Page, double StartSeconds, IReadOnlyDictionary<string, double> Messages, FleetMeasurement? Fleet, double? OtherLoad)
{
    private const int WarmUpOrders = 300;
    private const int SingleOrders = 50;
    private const int WarmUpPages = 2000;
    private const int Pages = 10_000;
    private const int PagesAtATime = 8;

    // Long enough for what services do every half minute.
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(60);

    /// <summary>Measures a shop that was started with a sidecar process per app.</summary>
    /// <param name="grown">The service that gets one more replica; null where none can, and the first one's start stands for it.</param>
    public static async Task<MeasuredShop> MeasureAsync(OwnShop shop, string? grown, BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var state = shop.State!;
        using var client = new ShopClient(() => shop.State);
        var driver = new SagaDriver(client);
        var processes = new ShopProcesses(state);
        AnsiConsole.MarkupLineInterpolated($"[grey]warming up with {WarmUpOrders} orders[/]");
        await driver.RunAsync(WarmUpOrders, settings.OrdersInFlight, cancellationToken);
        AnsiConsole.MarkupLineInterpolated($"[grey]{SingleOrders} orders, one at a time[/]");
        var order = (await driver.RunAsync(SingleOrders, 1, cancellationToken)).ToPercentiles().P50;

        AnsiConsole.MarkupLineInterpolated($"[grey]nothing for {IdleTime.TotalSeconds} s[/]");
        var before = processes.ProcessorMicroseconds();
        await Task.Delay(IdleTime, cancellationToken);
        var idle = Difference(before, processes.ProcessorMicroseconds(), IdleTime.TotalSeconds * 1000);

        AnsiConsole.MarkupLineInterpolated($"[grey]{settings.Orders} orders, {settings.OrdersInFlight} at a time[/]");
        var (other, own, start) = (new OtherLoad(), ProcessorTime.Microseconds, Stopwatch.GetTimestamp());
        before = processes.ProcessorMicroseconds();
        await driver.RunAsync(settings.Orders, settings.OrdersInFlight, cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var after = processes.ProcessorMicroseconds();
        var others = other.Percent(Total(after) - Total(before) + ProcessorTime.Microseconds - own);
        var perOrder = Difference(before, after, settings.Orders * 1000.0, idle, seconds * 1000 / settings.Orders);

        AnsiConsole.MarkupLineInterpolated($"[grey]{Pages} pages of the catalog[/]");
        await BrowseAsync(client, WarmUpPages, PagesAtATime, cancellationToken);
        before = processes.ProcessorMicroseconds();
        await BrowseAsync(client, Pages, PagesAtATime, cancellationToken);
        var perPage = Difference(before, processes.ProcessorMicroseconds(), Pages * 1000.0);
        var page = await BrowseAsync(client, 200, 1, cancellationToken);
        var messages = await MessagesAsync(client, driver, cancellationToken);

        // Before the vehicles come: the monolith has none.
        var memory = processes.Mebibytes();
        var fleet = idle.ContainsKey(FleetScenarios.Fleet) ? await MeasuredFleet.MeasureAsync(state, processes, idle, cancellationToken) : null;

        return new MeasuredShop(perOrder, perPage, idle, memory, order, page, await StartAsync(shop, state, grown, cancellationToken), messages, fleet, others);
    }

    private static async Task<double> StartAsync(OwnShop shop, RunState state, string? grown, CancellationToken cancellationToken)
    {
        if (grown is null)
        {
            return state.Apps.Where(app => app is { StartedAt: not null, ReadyAt: not null }).Max(app => (app.ReadyAt!.Value - app.StartedAt!.Value).TotalSeconds);
        }

        AnsiConsole.MarkupLine("[grey]one more replica[/]");
        var start = Stopwatch.GetTimestamp();
        await shop.ScaleAsync(new Dictionary<string, int> { [grown] = 2 }, cancellationToken);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Messages of one order by topic, as operations has seen them.</summary>
    private static async Task<IReadOnlyDictionary<string, double>> MessagesAsync(ShopClient client, SagaDriver driver, CancellationToken cancellationToken)
    {
        var (id, customer) = await driver.PlaceAsync(cancellationToken);
        while ((await client.FindOrderAsync(customer, id, cancellationToken)).Order is not { State: OrderView.Confirmed })
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }

        // The confirmation is not always the last that operations hears of.
        var (events, before) = ((IReadOnlyList<EventView>)[], -1);
        while (events.Count != before || !events.Any(entry => entry.Type == OrderConfirmed.Type))
        {
            before = events.Count;
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            events = (await client.FindAsync<TimelineView>(Subscriptions.Observer, $"/orders/{id}/timeline", cancellationToken))?.Events ?? [];
        }

        return events.GroupBy(entry => entry.Topic).ToDictionary(topic => topic.Key, topic => (double)topic.Count());
    }

    /// <summary>Looks at pages; answers the median in milliseconds.</summary>
    private static async Task<double> BrowseAsync(ShopClient client, int pages, int atATime, CancellationToken cancellationToken)
    {
        var latencies = new LatencyRecorder(pages);
        await Parallel.ForEachAsync(Enumerable.Range(0, pages), new ParallelOptions { MaxDegreeOfParallelism = atATime, CancellationToken = cancellationToken }, async (index, token) =>
        {
            var start = Stopwatch.GetTimestamp();
            await client.FindAsync<object>("catalog", $"/products?take=20&skip={20 * (index % 3)}", token);
            latencies.Record(Stopwatch.GetTimestamp() - start);
        });
        return latencies.ToPercentiles().P50;
    }

    private static double Total(IReadOnlyDictionary<string, Used> used) => used.Values.Sum(one => one.App + one.Sidecar);

    private static Dictionary<string, Used> Difference(
        IReadOnlyDictionary<string, Used> before, IReadOnlyDictionary<string, Used> after, double per, IReadOnlyDictionary<string, Used>? idle = null, double idlePer = 0) =>
        after.ToDictionary(entry => entry.Key, entry =>
        {
            var idles = idle?[entry.Key] ?? default;
            return new Used(
                Math.Max(0, ((entry.Value.App - before[entry.Key].App) / per) - (idles.App * idlePer / 1000)),
                Math.Max(0, ((entry.Value.Sidecar - before[entry.Key].Sidecar) / per) - (idles.Sidecar * idlePer / 1000)));
        });
}
