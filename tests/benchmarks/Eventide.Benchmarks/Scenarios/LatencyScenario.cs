using Eventide.Benchmarks.Measuring;
using Eventide.Benchmarks.Peers;
using Eventide.Benchmarks.Reporting;
using Spectre.Console;

namespace Eventide.Benchmarks.Scenarios;

/// <summary>
/// What a sidecar adds to a call. Slices of half a second through the sidecar alternate with slices of the same rate straight to the app, so that a noisy machine
/// is as noisy for both; a slice starts when the one before it was answered. Driver, app and sidecars are three processes.
/// </summary>
internal sealed class LatencyScenario : IScenario
{
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    public string Name => "latency";

    public string Question => "what the sidecar adds to a call at 1000 requests/s, in latency and in processor time";

    public async Task<ScenarioResult> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(settings.Output.FullName, $"latency-{Environment.ProcessId}")).FullName;
        try
        {
            await using var app = await PeerProcess<AppAddresses>.StartAsync(EchoApp.Role, [], cancellationToken);
            await using var sidecars = await PeerProcess<SidecarAddresses>.StartAsync(
                SidecarPeer.Role, [folder, $"{app.Addresses.Http}", $"{app.Addresses.Grpc}"], cancellationToken);
            using var operations = await SidecarOperations.ConnectAsync(app.Addresses, sidecars.Addresses, cancellationToken);
            var figures = new List<LatencyFigure>();
            foreach (var operation in operations.All.Where(operation => settings.Operations is null || operation.Name.Contains(settings.Operations, StringComparison.Ordinal)))
            {
                AnsiConsole.MarkupLineInterpolated($"[grey]{operation.Name}: {settings.Seconds} s through the sidecar, {settings.Seconds} s without it[/]");
                figures.Add(await MeasureAsync(operation, app, sidecars, settings, cancellationToken));
            }

            return new ScenarioResult(Name, new { settings.Rate, settings.Seconds, Operations = figures }, ToTable(figures), [.. figures.SelectMany(Goals)], figures.Max(figure => figure.OtherLoadPercent));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<LatencyFigure> MeasureAsync(
        Operation operation, PeerProcess<AppAddresses> app, PeerProcess<SidecarAddresses> sidecars, BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var loop = new OpenLoop(settings.Rate);
        var capacity = (int)(settings.Rate * (settings.Seconds + WarmUp.TotalSeconds + 1));
        var warmUp = new LatencyRecorder(2 * capacity);
        await loop.RunAsync(WarmUp, operation.ThroughSidecar, warmUp, warmUp, cancellationToken);
        await loop.RunAsync(WarmUp / 3, operation.Direct, new LatencyRecorder(capacity), new LatencyRecorder(capacity), cancellationToken);
        var (through, direct) = (new List<LatencyRecorder>(), new List<LatencyRecorder>());
        var lags = new LatencyRecorder(2 * capacity);
        double busy = 0, idle = 0;
        async Task<double> OwnAsync() =>
            ProcessorTime.Microseconds + await app.ProcessorTimeAsync(cancellationToken) + await sidecars.ProcessorTimeAsync(cancellationToken);
        var (others, own) = (new OtherLoad(), await OwnAsync());
        for (var measured = TimeSpan.Zero; measured < TimeSpan.FromSeconds(settings.Seconds); measured += Slice)
        {
            var start = await sidecars.ProcessorTimeAsync(cancellationToken);
            direct.Add(await SliceAsync(operation.Direct));
            var middle = await sidecars.ProcessorTimeAsync(cancellationToken);
            through.Add(await SliceAsync(operation.ThroughSidecar));
            idle += middle - start;
            busy += await sidecars.ProcessorTimeAsync(cancellationToken) - middle;
        }

        return new LatencyFigure(
            operation.Name, (busy - idle) / Math.Max(1, through.Sum(slice => slice.Count)), LatencyRecorder.ToPercentiles(through), LatencyRecorder.ToPercentiles(direct),
            Median(through.Zip(direct, (with, without) => with.ToPercentiles().P99 - without.ToPercentiles().P99)), lags.ToPercentiles(),
            through.Concat(direct).Sum(slice => slice.Failures), others.Percent(await OwnAsync() - own));

        async Task<LatencyRecorder> SliceAsync(Func<int, Task> call)
        {
            var latencies = new LatencyRecorder((int)(settings.Rate * Slice.TotalSeconds) + 1);
            await loop.RunAsync(Slice, call, latencies, lags, cancellationToken);
            return latencies;
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    // Without a sidecar there would be nothing to publish to and no store to read, so there the whole wait counts; what an empty call costs is shown beside it.
    private static IEnumerable<Goal> Goals(LatencyFigure figure) => figure.Operation switch
    {
        SidecarOperations.InvokeHttp or SidecarOperations.InvokeGrpc =>
        [
            Goal.AtMost($"{figure.Operation}: added p50", figure.AddedP50, 0.9, "ms"), Goal.AtMost($"{figure.Operation}: added p99", figure.AddedP99, 2, "ms"),
        ],
        SidecarOperations.PublishToMemory or SidecarOperations.PublishDurably => [Goal.AtMost($"{figure.Operation}: p50", figure.Through.P50, 0.3, "ms")],
        _ => [Goal.AtMost($"{figure.Operation}: p50", figure.Through.P50, 0.5, "ms")],
    };

    private static Table ToTable(IReadOnlyList<LatencyFigure> figures)
    {
        var table = new Table().AddColumn("operation").AddColumns(
            [.. new[] { "CPU µs/op", "added p50", "added p99", "typical", "p50", "p99", "p99.9", "direct p50", "direct p99", "lag p99", "failed", "others %" }.Select(name => new TableColumn(name).RightAligned())]);
        foreach (var figure in figures)
        {
            table.AddRow(
                figure.Operation, $"{figure.ProcessorMicroseconds:0}", $"{figure.AddedP50:0.00}", $"{figure.AddedP99:0.00}", $"{figure.TypicalAddedP99:0.00}", $"{figure.Through.P50:0.00}", $"{figure.Through.P99:0.00}",
                $"{figure.Through.P999:0.00}", $"{figure.Direct.P50:0.00}", $"{figure.Direct.P99:0.00}", $"{figure.DriverLag.P99:0.00}", $"{figure.Failures}", $"{figure.OtherLoadPercent:0}");
        }

        return table.Caption(
            "times in ms from when a call was due; typical: added p99 of the median slice, which a burst of other work does not spoil;\n"
            + "lag: how late the driver itself was, part of all times; others: how much of the machine other work took");
    }
}

/// <summary>One operation through the sidecar and, for comparison, the same bytes straight to the app. Times in milliseconds.</summary>
/// <param name="ProcessorMicroseconds">Of the sidecars' process per operation, without what it takes at rest.</param>
/// <param name="TypicalAddedP99">The difference of the p99 within half a second, in the median of all slices.</param>
/// <param name="DriverLag">How late the driver itself was; part of both latencies.</param>
/// <param name="OtherLoadPercent">How much of the machine other work took meanwhile.</param>
internal sealed record LatencyFigure(
    string Operation, double ProcessorMicroseconds, Percentiles Through, Percentiles Direct, double TypicalAddedP99, Percentiles DriverLag, int Failures, double? OtherLoadPercent)
{
    public double AddedP50 => Through.P50 - Direct.P50;

    public double AddedP99 => Through.P99 - Direct.P99;
}
