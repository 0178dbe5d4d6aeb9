using System.Text.Json;
using Spectre.Console;

namespace Eventide.Benchmarks.Reporting;

/// <summary>What a scenario found: figures for machines, a table and goals for people.</summary>
/// <param name="Figures">Written to JSON as it is.</param>
internal sealed record ScenarioResult(string Scenario, object Figures, Table Table, IReadOnlyList<Goal> Goals)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Prints the table, then each goal with what was measured.</summary>
    public void Print()
    {
        AnsiConsole.Write(Table.Title($"[bold]{Scenario}[/]").Border(TableBorder.Rounded));
        foreach (var goal in Goals)
        {
            var verdict = goal.Met ? "[green]reached[/]" : "[red]missed[/] ";
            AnsiConsole.MarkupLine($"  {verdict} {goal.Name.EscapeMarkup()}: {goal.Measured:0.###} {goal.Unit} (goal {(goal.HigherIsBetter ? "≥" : "≤")} {goal.Target:0.###})");
        }

        AnsiConsole.WriteLine();
    }

    /// <summary>Writes {folder}/{scenario}.json.</summary>
    public async Task<string> WriteAsync(string folder, Machine machine, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Directory.CreateDirectory(folder).FullName, $"{Scenario}.json");
        await using var file = File.Create(path);
        await JsonSerializer.SerializeAsync(file, new { Scenario, At = DateTimeOffset.UtcNow, Machine = machine, Figures, Goals }, Json, cancellationToken);
        return path;
    }
}
