using Eventide.Benchmarks.Scenarios;
using Spectre.Console;

namespace Eventide.Benchmarks.Fleets;

/// <summary>The fleet's figures for people.</summary>
internal static class FleetTable
{
    public static Table Of(FleetFigures figures)
    {
        var table = new Table().AddColumn("what").AddColumns(
            [.. new[] { "readings/s", "CPU µs/reading", "telemetry", "fleet", "sidecars", "broker's writer", "store's writer", "driver" }.Select(name => new TableColumn(name).RightAligned())]);
        table.AddRow("the broker alone, in one process", $"{figures.Direct.PerSecond:0}", $"{figures.Direct.Microseconds:0.0}", "", "", "", "", "", "");
        Add(table, "accepted by telemetry", figures.Ingest);
        Add(table, "applied by fleet, from a backlog", figures.Apply);
        Add(table, $"both, {figures.Readings} readings", figures.Both);
        return table.Caption($"{figures.Vehicles} vehicles; memory, first quarter: {Parts(figures.FirstQuarter)}; last quarter: {Parts(figures.LastQuarter)}");
    }

    private static void Add(Table table, string what, FleetPace pace) => table.AddRow(
        what, $"{pace.PerSecond:0}", $"{pace.Cost.Total:0.0}", $"{pace.Cost.Telemetry:0.0}", $"{pace.Cost.Fleet:0.0}", $"{pace.Cost.Sidecars:0.0}", $"{pace.Cost.Broker:0.0}",
        $"{pace.Cost.Store:0.0}", $"{pace.Cost.Driver:0.0}");

    private static string Parts(IReadOnlyDictionary<string, double> mebibytes) => string.Join(", ", mebibytes.Select(process => $"{process.Key} {process.Value:0} MiB"));
}
