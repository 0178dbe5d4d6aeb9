using System.Diagnostics;
using Eventide.Benchmarks.Fleets;
using Eventide.Benchmarks.Measuring;
using Eventide.Benchmarks.Reporting;
using Spectre.Console;

namespace Eventide.Benchmarks.Scenarios;

/// <summary>
/// Readings from the gateway to the state of their vehicle, on the embedded broker. First telemetry alone takes them, in turns with the broker's component without
/// anything around it; then fleet works off what lies there; then both at once for as long as was asked, and memory is watched. One request has a thousand readings of
/// a thousand vehicles: each is a message of its own, which is what costs most.
/// </summary>
internal sealed class FleetScenario : IScenario
{
    private const int VehiclesPerGateway = 1000;
    private const int Rounds = 5;
    private const int LargestRound = 40_000;
    private const long MostAhead = 20_000;
    private const double IngestGoal = 20_000;
    private const double ApplyGoal = 10_000;
    private const double GrowthGoal = 15;
    private static readonly TimeSpan MemoryInterval = TimeSpan.FromSeconds(1);

    public string Name => "fleet";

    public string Question => "readings/s accepted and applied to the state of vehicles, what one costs, memory over a million";

    public async Task<ScenarioResult> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var data = Path.Combine(settings.Output.FullName, $"fleet-{Environment.ProcessId}");
        var feeds = Enumerable.Range(1, FleetBench.Gateways).Select(gateway => new VehicleFeed(gateway, VehiclesPerGateway)).ToList();
        var perRound = Math.Min(LargestRound, settings.Readings / 25);
        FleetPace ingest, apply, both;
        DirectPace direct;
        IReadOnlyList<IReadOnlyDictionary<string, double>> memory;
        await using (var telemetry = await FleetBench.StartAsync(data, ["telemetry"], settings.Resources, feeds, cancellationToken))
        {
            (ingest, direct) = await IngestAsync(telemetry, data, perRound, cancellationToken);
        }

        await using (var fleet = await FleetBench.StartAsync(data, ["telemetry", "fleet"], settings.Resources, feeds, cancellationToken))
        {
            apply = await ApplyAsync(fleet, Rounds * perRound, cancellationToken);
            (both, memory) = await BothAsync(fleet, settings.Readings, cancellationToken);
            await fleet.VerifyAsync(feeds, cancellationToken);
        }

        // Kept when something failed, because the logs are in there.
        Directory.Delete(data, recursive: true);
        var figures = new FleetFigures(
            VehiclesPerGateway * FleetBench.Gateways, settings.Readings, direct, ingest, apply, both, Quarter(memory, first: true), Quarter(memory, first: false), memory);
        return new ScenarioResult(
            Name, figures, FleetTable.Of(figures), Goals(figures), new[] { ingest.OtherLoadPercent, apply.OtherLoadPercent, both.OtherLoadPercent }.Max());
    }

    private static async Task<(FleetPace Ingest, DirectPace Direct)> IngestAsync(FleetBench telemetry, string data, int perRound, CancellationToken cancellationToken)
    {
        AnsiConsole.MarkupLineInterpolated($"[grey]{VehicleFeed.Past} earlier trips of each of {VehiclesPerGateway * FleetBench.Gateways} vehicles, and a round to warm up[/]");
        await telemetry.SendHistoryAsync(cancellationToken);
        await telemetry.SendAsync(perRound, long.MaxValue, cancellationToken);
        await using var append = await DirectAppend.StartAsync(data, telemetry.Backlog.Newest(VehiclesPerGateway));
        await append.RunAsync(perRound, FleetBench.Gateways, cancellationToken);

        AnsiConsole.MarkupLineInterpolated($"[grey]{Rounds} rounds of {perRound} readings into telemetry, in turns with the broker alone[/]");
        var (paces, directs) = (new List<FleetPace>(), new List<(double PerSecond, double Microseconds)>());
        for (var round = 0; round < Rounds; round++)
        {
            directs.Add(await append.RunAsync(perRound, FleetBench.Gateways, cancellationToken));
            paces.Add(await MeasureAsync(telemetry, () => telemetry.SendAsync(perRound, long.MaxValue, cancellationToken)));
        }

        return (
            paces.OrderBy(pace => pace.PerSecond).ElementAt(Rounds / 2),
            new DirectPace(Spread.Of(directs.Select(pace => pace.PerSecond)).Median, Spread.Of(directs.Select(pace => pace.Microseconds)).Median));
    }

    private static async Task<FleetPace> ApplyAsync(FleetBench fleet, int readings, CancellationToken cancellationToken)
    {
        // Before the rounds lie the earlier trips and the round to warm up, which warm fleet up as well.
        AnsiConsole.MarkupLineInterpolated($"[grey]fleet works off {readings} of them[/]");
        await fleet.WaitAsync(readings, cancellationToken);
        var begin = fleet.Backlog.Messages;
        return await MeasureAsync(fleet, async () =>
        {
            await fleet.WaitAsync(0, cancellationToken);
            return (int)begin;
        });
    }

    private static async Task<(FleetPace Pace, IReadOnlyList<IReadOnlyDictionary<string, double>> Memory)> BothAsync(
        FleetBench fleet, int readings, CancellationToken cancellationToken)
    {
        AnsiConsole.MarkupLineInterpolated($"[grey]{readings} readings, at most {MostAhead} of them ahead of fleet[/]");
        var memory = new List<IReadOnlyDictionary<string, double>>();
        using var done = new CancellationTokenSource();
        async Task WatchAsync()
        {
            using var timer = new PeriodicTimer(MemoryInterval);
            while (!done.IsCancellationRequested)
            {
                memory.Add(fleet.Processes.Mebibytes());
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }

        var watching = WatchAsync();
        var pace = await MeasureAsync(fleet, async () =>
        {
            var sent = await fleet.SendAsync(readings, MostAhead, cancellationToken);
            await fleet.WaitAsync(0, cancellationToken);
            return sent;
        });
        await done.CancelAsync();
        await watching;
        return (pace, memory);
    }

    private static async Task<FleetPace> MeasureAsync(FleetBench bench, Func<Task<int>> run)
    {
        var others = new OtherLoad();
        var (before, start) = (bench.Processes.Cost(), Stopwatch.GetTimestamp());
        var readings = await run();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var cost = bench.Processes.Cost().Minus(before);
        return new FleetPace(readings / seconds, cost.Per(readings), others.Percent(cost.Total));
    }

    private static Dictionary<string, double> Quarter(IReadOnlyList<IReadOnlyDictionary<string, double>> memory, bool first)
    {
        var length = Math.Max(1, memory.Count / 4);
        var quarter = first ? memory.Take(length).ToList() : memory.Skip(memory.Count - length).ToList();
        return quarter[0].Keys.ToDictionary(process => process, process => Spread.Of(quarter.Select(sample => sample[process])).Median);
    }

    private static IReadOnlyList<Goal> Goals(FleetFigures figures) =>
    [
        Goal.AtLeast("readings accepted, telemetry alone", figures.Ingest.PerSecond, IngestGoal, "readings/s"),
        Goal.AtLeast("readings applied from a backlog", figures.Apply.PerSecond, ApplyGoal, "readings/s"),
        .. figures.FirstQuarter.Select(process => Goal.AtMost(
            $"{process.Key}: memory of the last quarter over that of the first", 100 * ((figures.LastQuarter[process.Key] / process.Value) - 1), GrowthGoal, "%")),
    ];
}

/// <summary>The broker's component alone.</summary>
/// <param name="Microseconds">Processor time of one message.</param>
internal sealed record DirectPace(double PerSecond, double Microseconds);

/// <summary>All figures of the fleet.</summary>
/// <param name="Readings">How many there were in <paramref name="Both"/>.</param>
/// <param name="Direct">The broker alone.</param>
/// <param name="Ingest">Into telemetry, without fleet.</param>
/// <param name="Apply">From the broker into fleet's store, without new ones.</param>
/// <param name="Both">The whole way.</param>
/// <param name="FirstQuarter">Memory by process, medians in MiB.</param>
/// <param name="LastQuarter">Memory by process, medians in MiB.</param>
/// <param name="Memory">By process, once a second.</param>
internal sealed record FleetFigures(
    int Vehicles, int Readings, DirectPace Direct, FleetPace Ingest, FleetPace Apply, FleetPace Both, IReadOnlyDictionary<string, double> FirstQuarter,
    IReadOnlyDictionary<string, double> LastQuarter, IReadOnlyList<IReadOnlyDictionary<string, double>> Memory);
