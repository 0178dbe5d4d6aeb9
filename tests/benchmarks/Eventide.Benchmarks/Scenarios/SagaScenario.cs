using System.Diagnostics;
using Eventide.Benchmarks.Measuring;
using Eventide.Benchmarks.Reporting;
using Eventide.Tools.Shops;
using Spectre.Console;

namespace Eventide.Benchmarks.Scenarios;

/// <summary>The whole shop as processes: how soon it is open, how many orders it fulfils, how long a customer waits for an answer, what it takes when nothing happens.</summary>
internal sealed class SagaScenario : IScenario
{
    private const double PostRate = 50;
    private const int WarmUpOrders = 500;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    public string Name => "saga";

    public string Question => "orders confirmed per second, p99 of POST /orders, start-up time and memory of the whole shop";

    public async Task<ScenarioResult> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var data = Path.Combine(settings.Output.FullName, $"saga-{Environment.ProcessId}");
        var start = Stopwatch.GetTimestamp();
        AnsiConsole.MarkupLine("[grey]starting the shop[/]");
        SagaFigures figures;
        await using (var shop = await OwnShop.StartAsync(data, settings.Resources, [], cancellationToken))
        {
            var state = shop.State!;
            using var client = new ShopClient(() => state);
            var orders = new SagaDriver(client);
            await orders.RunAsync(1, 1, cancellationToken);
            var startUp = Stopwatch.GetElapsedTime(start).TotalSeconds;
            await Task.Delay(Settling, cancellationToken);
            var fresh = ShopResources.ProportionalMebibytes(state);

            AnsiConsole.MarkupLineInterpolated($"[grey]warming up with {WarmUpOrders} orders[/]");
            await orders.RunAsync(WarmUpOrders, settings.OrdersInFlight, cancellationToken);
            AnsiConsole.MarkupLineInterpolated($"[grey]{settings.Orders} orders, {settings.OrdersInFlight} at a time[/]");
            var saga = await ThroughputAsync(orders, state, settings, cancellationToken);
            AnsiConsole.MarkupLineInterpolated($"[grey]{PostRate} orders/s for {2 * settings.Seconds} s[/]");
            var post = await PostAsync(orders, state, settings, cancellationToken);
            await Task.Delay(Settling, cancellationToken);
            figures = new SagaFigures(startUp, saga, post, fresh, ShopResources.ProportionalMebibytes(state), ShopResources.ResidentMebibytes(state));
        }

        // Kept when something failed, because the logs are in there.
        Directory.Delete(data, recursive: true);
        return new ScenarioResult(Name, figures, ToTable(figures), Goals(figures), new[] { figures.Saga.OtherLoadPercent, figures.Post.OtherLoadPercent }.Max());
    }

    private static async Task<SagaThroughput> ThroughputAsync(SagaDriver orders, RunState shop, BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var others = new OtherLoad();
        var (before, own, start) = (ShopResources.ProcessorMicroseconds(shop), ProcessorTime.Microseconds, Stopwatch.GetTimestamp());
        var latencies = await orders.RunAsync(settings.Orders, settings.OrdersInFlight, cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var used = ShopResources.ProcessorMicroseconds(shop).ToDictionary(entry => entry.Key, entry => entry.Value - before[entry.Key]);
        return new SagaThroughput(
            settings.Orders / seconds, used.ToDictionary(entry => entry.Key, entry => entry.Value / settings.Orders), latencies.ToPercentiles(),
            others.Percent(used.Values.Sum() + ProcessorTime.Microseconds - own));
    }

    private static async Task<PostLatency> PostAsync(SagaDriver orders, RunState shop, BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var others = new OtherLoad();
        double Used() => ShopResources.ProcessorMicroseconds(shop).Values.Sum() + ProcessorTime.Microseconds;
        var own = Used();
        var capacity = (int)(2 * settings.Seconds * PostRate) + 1;
        var (latencies, lags) = (new LatencyRecorder(capacity), new LatencyRecorder(capacity));
        await new OpenLoop(PostRate).RunAsync(TimeSpan.FromSeconds(2 * settings.Seconds), _ => orders.PlaceAsync(cancellationToken), latencies, lags, cancellationToken);
        return new PostLatency(latencies.ToPercentiles(), latencies.Failures, others.Percent(Used() - own));
    }

    private static IReadOnlyList<Goal> Goals(SagaFigures figures) =>
    [
        Goal.AtLeast("orders confirmed", figures.Saga.PerSecond, 100, "orders/s"),
        Goal.AtMost("POST /orders p99 at 50 orders/s", figures.Post.Latency.P99, 50, "ms"),
        Goal.AtMost("start to the first confirmed order", figures.StartUpSeconds, 10, "s"),
        Goal.AtMost("resident memory at rest after the load, shared pages counted once", figures.RestingMebibytes.Values.Sum(), 1.2 * 1024, "MiB"),
    ];

    private static Table ToTable(SagaFigures figures)
    {
        var table = new Table().AddColumn("what").AddColumn(new TableColumn("measured").RightAligned()).AddColumn("");
        table.AddRow("CPU per order, all processes", $"{figures.Saga.ProcessorMicroseconds.Values.Sum() / 1000:0.0} ms", Parts(figures.Saga.ProcessorMicroseconds, 1000, "0.0"));
        table.AddRow("orders confirmed", $"{figures.Saga.PerSecond:0.0} /s", $"others took {figures.Saga.OtherLoadPercent:0} % of the machine");
        table.AddRow("accepted to confirmed, under that load", $"{figures.Saga.Latency.P50:0} ms", $"p50; p99 {figures.Saga.Latency.P99:0} ms");
        table.AddRow("POST /orders at 50 orders/s", $"{figures.Post.Latency.P99:0.0} ms", $"p99; p50 {figures.Post.Latency.P50:0.0} ms; {figures.Post.Failures} failed; others took {figures.Post.OtherLoadPercent:0} %");
        table.AddRow("start to the first confirmed order", $"{figures.StartUpSeconds:0.0} s", "");
        table.AddRow("memory after the start", $"{figures.FreshMebibytes.Values.Sum():0} MiB", Parts(figures.FreshMebibytes, 1, "0"));
        table.AddRow("memory at rest after the load", $"{figures.RestingMebibytes.Values.Sum():0} MiB", Parts(figures.RestingMebibytes, 1, "0"));
        table.AddRow(
            "the same, shared pages counted in each", $"{figures.RestingResidentMebibytes.Values.Sum():0} MiB", Parts(figures.RestingResidentMebibytes, 1, "0"));
        return table;
    }

    private static string Parts(IReadOnlyDictionary<string, double> parts, double unit, string format) =>
        string.Join(", ", parts.OrderByDescending(part => part.Value).Select(part => $"{part.Key} {(part.Value / unit).ToString(format)}"));
}

/// <summary>Orders through the saga as fast as they go.</summary>
/// <param name="ProcessorMicroseconds">Per order, by process.</param>
/// <param name="Latency">From the request to the confirmation, in milliseconds.</param>
internal sealed record SagaThroughput(
    double PerSecond, IReadOnlyDictionary<string, double> ProcessorMicroseconds, Percentiles Latency, double? OtherLoadPercent);

/// <summary>POST /orders at a fixed rate, from when each request was due, in milliseconds.</summary>
internal sealed record PostLatency(Percentiles Latency, int Failures, double? OtherLoadPercent);

/// <summary>All figures of the whole shop; memory by process, shared pages divided among the processes except where it says resident.</summary>
internal sealed record SagaFigures(
    double StartUpSeconds, SagaThroughput Saga, PostLatency Post, IReadOnlyDictionary<string, double> FreshMebibytes, IReadOnlyDictionary<string, double> RestingMebibytes,
    IReadOnlyDictionary<string, double> RestingResidentMebibytes);
