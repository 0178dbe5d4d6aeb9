using System.Text.Json;
using Spectre.Console;

namespace Eventide.Benchmarks.Reporting;

/// <summary>What a scenario found: figures for machines, a table and goals for people.</summary>
/// <param name="Figures">Written to JSON as it is.</param>
/// <param name="OtherLoadPercent">How much of the machine other work took, at most; null when not known.</param>
internal sealed record ScenarioResult(string Scenario, object Figures, Table Table, IReadOnlyList<Goal> Goals, double? OtherLoadPercent)
{
    private const double Noise = 20;
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

        if (OtherLoadPercent > Noise)
        {
            AnsiConsole.MarkupLineInterpolated($"  [yellow]Other work took up to {OtherLoadPercent:0} % of the machine, so times and verdicts mean little: measure again when it is quiet.[/]");
        }

        AnsiConsole.WriteLine();
    }

    /// <summary>Writes {folder}/{scenario}.json.</summary>
    public async Task<string> WriteAsync(string folder, Machine machine, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Directory.CreateDirectory(folder).FullName, $"{Scenario}.json");
        await using var file = File.Create(path);
        await JsonSerializer.SerializeAsync(file, new { Scenario, At = DateTimeOffset.UtcNow, Machine = machine, OtherLoadPercent, Figures, Goals }, Json, cancellationToken);
        return path;
    }
}
