using Eventide.Benchmarks.Brokers;
using Eventide.Benchmarks.Measuring;
using Eventide.Benchmarks.Reporting;
using Spectre.Console;

namespace Eventide.Benchmarks.Scenarios;

/// <summary>
/// What is left of a broker's messages per second behind sidecars. Rounds with the broker's own client and rounds through sidecars take turns, so that a noisy
/// machine is as noisy for both; publisher, sidecars, consumer and broker are processes of their own, so that each one's processor time is known.
/// </summary>
internal sealed class BrokersScenario : IScenario
{
    private const double Share = 0.5;
    private const int WarmUpRounds = 3;

    public string Name => "brokers";

    public string Question => "messages/s from publish to handler, through sidecars and with each broker's own client";

    public async Task<ScenarioResult> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var figures = new List<BrokerFigure>();
        var others = new List<double?>();
        foreach (var broker in MeasuredBroker.All.Where(broker => settings.Brokers.Count == 0 || settings.Brokers.Contains(broker.Name)))
        {
            if (broker.Missing?.Invoke() is { } missing)
            {
                AnsiConsole.MarkupLineInterpolated($"[yellow]{broker.Name} is left out: {missing}[/]");
                continue;
            }

            var folder = Directory.CreateDirectory(Path.Combine(settings.Output.FullName, $"brokers-{Environment.ProcessId}")).FullName;
            try
            {
                await using var bench = await BrokerBench.StartAsync(broker, folder, cancellationToken);
                AnsiConsole.MarkupLineInterpolated($"[grey]{bench.Name}: {settings.Rounds} rounds of {settings.Messages} messages along {bench.Paths.Count} paths[/]");
                figures.AddRange(await MeasureAsync(broker, bench, settings, others, cancellationToken));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return new ScenarioResult(
            Name, new { settings.Rounds, settings.Messages, MeasuredBroker.Publishers, MeasuredBroker.Handlers, Brokers = figures }, ToTable(figures), [.. Goals(figures)],
            others.Max());
    }

    private static async Task<IReadOnlyList<BrokerFigure>> MeasureAsync(
        MeasuredBroker broker, BrokerBench bench, BenchmarkSettings settings, List<double?> others, CancellationToken cancellationToken)
    {
        var messages = Math.Min(settings.Messages, broker.LargestRound);
        var rounds = bench.Paths.ToDictionary(path => path, _ => new List<RoundFigure>());
        foreach (var path in bench.Paths)
        {
            // The runtime compiles what is used often once more, after some ten thousand calls.
            for (var round = 0; round < WarmUpRounds; round++)
            {
                await bench.RoundAsync(path, messages, cancellationToken);
            }
        }

        var (load, own) = (new OtherLoad(), 0.0);
        for (var round = 0; round < settings.Rounds; round++)
        {
            foreach (var path in bench.Paths)
            {
                var figure = await bench.RoundAsync(path, messages, cancellationToken);
                own += figure.Cost.Total * messages;
                rounds[path].Add(figure);
            }
        }

        others.Add(load.Percent(own));
        return [.. bench.Paths.Select(path => BrokerFigure.Of(broker.Name, path.Name, rounds[path]))];
    }

    private static IEnumerable<Goal> Goals(IEnumerable<BrokerFigure> figures) => figures.GroupBy(figure => figure.Broker).SelectMany(broker =>
        broker.Skip(1).Select(figure => Goal.AtLeast(
            $"{broker.Key}: {figure.Path}, share of the direct client's messages/s", 100 * figure.PerSecond.Median / broker.First().PerSecond.Median, 100 * Share, "%")));

    private static Table ToTable(IReadOnlyList<BrokerFigure> figures)
    {
        var table = new Table().AddColumn("broker").AddColumn("path").AddColumns(
            [.. new[] { "CPU µs/msg", "publisher", "sidecars", "consumer", "broker", "msg/s", "min", "max", "published/s" }.Select(name => new TableColumn(name).RightAligned())]);
        foreach (var figure in figures)
        {
            table.AddRow(
                figure.Broker, figure.Path, $"{figure.Cost.Total:0}", $"{figure.Cost.Publisher:0}", $"{figure.Cost.Sidecars:0}", $"{figure.Cost.Consumer:0}",
                $"{figure.Cost.Server:0}", $"{figure.PerSecond.Median:0}", $"{figure.PerSecond.Min:0}", $"{figure.PerSecond.Max:0}", $"{figure.PublishedPerSecond.Median:0}");
        }

        return table.Caption("medians of the rounds; CPU by process; embedded, direct: broker, publisher and consumer are one process");
    }
}

/// <summary>One path of one broker.</summary>
/// <param name="PerSecond">Messages handled.</param>
/// <param name="PublishedPerSecond">Messages confirmed, while handlers work beside.</param>
/// <param name="Cost">Medians, in microseconds per message.</param>
internal sealed record BrokerFigure(string Broker, string Path, Spread PerSecond, Spread PublishedPerSecond, MessageCost Cost)
{
    public static BrokerFigure Of(string broker, string path, IReadOnlyList<RoundFigure> rounds) => new(
        broker, path, Spread.Of(rounds.Select(round => round.PerSecond)), Spread.Of(rounds.Select(round => round.PublishedPerSecond)),
        new MessageCost(
            Spread.Of(rounds.Select(round => round.Cost.Publisher)).Median, Spread.Of(rounds.Select(round => round.Cost.Sidecars)).Median,
            Spread.Of(rounds.Select(round => round.Cost.Consumer)).Median, Spread.Of(rounds.Select(round => round.Cost.Server)).Median));
}
