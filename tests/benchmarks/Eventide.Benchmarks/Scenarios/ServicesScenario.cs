using System.Diagnostics;
using Eventide.Benchmarks.Measuring;
using Eventide.Benchmarks.Reporting;
using Eventide.Brokers.Backing;
using Eventide.Contracts;
using Eventide.Scaling.Shop;
using Eventide.Tools.Evidence;
using Eventide.Tools.Shops;
using Spectre.Console;

namespace Eventide.Benchmarks.Scenarios;

/// <summary>
/// What each service takes for one order, with a sidecar process of its own as in a cluster, so that the two can be told apart. The scaling model is made of these
/// figures; `make measure` keeps them.
/// </summary>
internal sealed class ServicesScenario : IScenario
{
    private const int WarmUpOrders = 300;
    private const int SingleOrders = 50;
    private const int WarmUpPages = 2000;
    private const int Pages = 10_000;
    private const int PagesAtATime = 8;

    // Requests, five messages and their way back, until the customer sees Confirmed: created, reserved, captured, booked, sold, each with its reply.
    private const int HopsOfAnOrder = 9;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    public string Name => "services";

    public string Question => "processor time per order of each service and of its sidecar, for the scaling model";

    public async Task<ScenarioResult> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var data = Path.Combine(settings.Output.FullName, $"services-{Environment.ProcessId}");
        ShopMeasurement measured;
        double? others;
        await using (var backing = await BackingServices.StartAsync(
            new BackingSettings(Repository.Components, "redis", "sqlite", data), Environment.GetEnvironmentVariable, AnsiConsole.WriteLine, cancellationToken))
        await using (var shop = await OwnShop.StartAsync(data, backing.Resources, ["--sidecar", Repository.Runner], cancellationToken))
        {
            (measured, others) = await MeasureAsync(shop, settings, cancellationToken);
        }

        Directory.Delete(data, recursive: true);
        if (settings.Keep is { } file)
        {
            measured.Write(file.FullName);
            AnsiConsole.MarkupLineInterpolated($"[grey]kept as {file.FullName}[/]");
        }

        return new ScenarioResult(Name, measured, ToTable(measured), [], others);
    }

    private static async Task<(ShopMeasurement Measured, double? OtherLoad)> MeasureAsync(OwnShop shop, BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var state = shop.State!;
        using var client = new ShopClient(() => shop.State);
        var driver = new SagaDriver(client);
        var processes = new ShopProcesses(state);
        AnsiConsole.MarkupLineInterpolated($"[grey]warming up with {WarmUpOrders} orders[/]");
        await driver.RunAsync(WarmUpOrders, settings.OrdersInFlight, cancellationToken);
        AnsiConsole.MarkupLineInterpolated($"[grey]{SingleOrders} orders, one at a time[/]");
        var single = (await driver.RunAsync(SingleOrders, 1, cancellationToken)).ToPercentiles().P50;

        AnsiConsole.MarkupLineInterpolated($"[grey]nothing for {Idle.TotalSeconds} s[/]");
        var before = processes.ProcessorMicroseconds();
        await Task.Delay(Idle, cancellationToken);
        var idle = Difference(before, processes.ProcessorMicroseconds(), Idle.TotalSeconds * 1000);

        AnsiConsole.MarkupLineInterpolated($"[grey]{settings.Orders} orders, {settings.OrdersInFlight} at a time[/]");
        var (other, own, start) = (new OtherLoad(), ProcessorTime.Microseconds, Stopwatch.GetTimestamp());
        before = processes.ProcessorMicroseconds();
        await driver.RunAsync(settings.Orders, settings.OrdersInFlight, cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var after = processes.ProcessorMicroseconds();
        var others = other.Percent(after.Values.Sum(cores => cores.App + cores.Sidecar) - before.Values.Sum(cores => cores.App + cores.Sidecar) + ProcessorTime.Microseconds - own);
        var perOrder = Difference(before, after, settings.Orders * 1000.0, idle, seconds * 1000 / settings.Orders);

        AnsiConsole.MarkupLineInterpolated($"[grey]{Pages} pages of the catalog[/]");
        await BrowseAsync(client, WarmUpPages, PagesAtATime, cancellationToken);
        before = processes.ProcessorMicroseconds();
        await BrowseAsync(client, Pages, PagesAtATime, cancellationToken);
        var perPage = Difference(before, processes.ProcessorMicroseconds(), Pages * 1000.0);
        var page = await BrowseAsync(client, 200, 1, cancellationToken);
        var messages = await MessagesAsync(client, driver, cancellationToken);
        var memory = processes.Mebibytes();

        AnsiConsole.MarkupLine("[grey]one more replica[/]");
        start = Stopwatch.GetTimestamp();
        await shop.ScaleAsync(new Dictionary<string, int> { ["payment"] = 2 }, cancellationToken);
        var startSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        var services = state.Apps.Select(app => app.AppId).Distinct().Order(StringComparer.Ordinal).ToDictionary(app => app, app =>
        {
            var used = app == "catalog" ? perPage[app] : perOrder[app];
            return new ServiceMeasurement(
                Round(used.App), Round(used.Sidecar), Round(idle[app].App), Round(idle[app].Sidecar), Round(memory[app]),
                app == Subscriptions.Observer ? messages : Subscriptions.All.Where(subscription => subscription.App == app)
                    .ToDictionary(subscription => subscription.Topic, subscription => messages.GetValueOrDefault(subscription.Topic)));
        });
        return (new ShopMeasurement(
            Machine.Current().ToString(), TimeProvider.System.GetUtcNow(), "make measure", Round(startSeconds), Round(single / HopsOfAnOrder), Round(page), services), others);
    }

    /// <summary>Messages of one order by topic, as operations has seen them.</summary>
    private static async Task<IReadOnlyDictionary<string, double>> MessagesAsync(ShopClient client, SagaDriver driver, CancellationToken cancellationToken)
    {
        var (id, customer) = await driver.PlaceAsync(cancellationToken);
        while ((await client.FindOrderAsync(customer, id, cancellationToken)).Order is not { State: OrderView.Confirmed })
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }

        IReadOnlyList<EventView> events = [];
        while (!events.Any(entry => entry.Type == OrderConfirmed.Type))
        {
            events = (await client.FindAsync<TimelineView>(Subscriptions.Observer, $"/orders/{id}/timeline", cancellationToken))?.Events ?? [];
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
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

    private static Dictionary<string, (double App, double Sidecar)> Difference(
        IReadOnlyDictionary<string, (double App, double Sidecar)> before, IReadOnlyDictionary<string, (double App, double Sidecar)> after, double per,
        IReadOnlyDictionary<string, (double App, double Sidecar)>? idle = null, double idlePer = 0) => after.ToDictionary(entry => entry.Key, entry =>
    {
        var (idleApp, idleSidecar) = idle?[entry.Key] ?? default;
        return (
            Math.Max(0, ((entry.Value.App - before[entry.Key].App) / per) - (idleApp * idlePer / 1000)),
            Math.Max(0, ((entry.Value.Sidecar - before[entry.Key].Sidecar) / per) - (idleSidecar * idlePer / 1000)));
    });

    private static double Round(double value) => Math.Round(value, 3);

    private static Table ToTable(ShopMeasurement measured)
    {
        var table = new Table().AddColumn("service");
        foreach (var column in new[] { "app, ms per order", "sidecar, ms per order", "idle, m", "memory, MiB", "messages per order" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var (name, service) in measured.Services)
        {
            table.AddRow(
                name == "catalog" ? "catalog (per page)" : name, $"{service.AppCpu:0.00}", $"{service.SidecarCpu:0.00}", $"{service.IdleCpu + service.IdleSidecarCpu:0.0}",
                $"{service.Memory:0}", $"{service.Messages.Values.Sum():0.#}");
        }

        var orders = measured.Services.Where(service => service.Key != "catalog").ToList();
        table.AddRow("all", $"{orders.Sum(service => service.Value.AppCpu):0.0}", $"{orders.Sum(service => service.Value.SidecarCpu):0.0}", "", $"{measured.Services.Values.Sum(service => service.Memory):0}", "");
        table.AddRow("one step of an order", $"{measured.Hop:0.0} ms", "", "", "", "");
        table.AddRow("one more replica", $"{measured.StartSeconds:0.0} s", "", "", "", "");
        return table;
    }
}
