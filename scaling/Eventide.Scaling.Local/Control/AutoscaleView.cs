using System.Globalization;
using Spectre.Console;

namespace Eventide.Scaling.Local.Control;

/// <summary>Each decision as a line, and below them a table of how things are; without a terminal the lines alone.</summary>
internal static class AutoscaleView
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(500);

    /// <summary>Shows it while <paramref name="work"/> goes on.</summary>
    public static async Task WhileAsync(LocalAutoscaler autoscaler, Func<Task> work, CancellationToken stop)
    {
        var isInteractive = AnsiConsole.Profile.Capabilities.Interactive;

        // Only the library itself can write above its table; without one a line is written as it is, and not wrapped.
        void Write(string line) => (isInteractive ? AnsiConsole.WriteLine : (Action<string>)Console.WriteLine)(line);
        void OnChanged(ReplicaChange change) => Write(Line(change));
        void OnTroubled(string appId, string sentence) => Write($"          {appId}: {sentence}");
        autoscaler.Changed += OnChanged;
        autoscaler.Troubled += OnTroubled;
        try
        {
            if (!isInteractive)
            {
                await work();
                return;
            }

            await AnsiConsole.Live(Draw(autoscaler)).StartAsync(async live =>
            {
                var working = work();
                while (!working.IsCompleted)
                {
                    await Task.WhenAny(working, Task.Delay(Refresh, stop));
                    live.UpdateTarget(Draw(autoscaler));
                }

                await working;
            });
        }
        finally
        {
            autoscaler.Changed -= OnChanged;
            autoscaler.Troubled -= OnTroubled;
        }
    }

    /// <summary>A decision in one line.</summary>
    public static string Line(ReplicaChange change) =>
        string.Create(CultureInfo.InvariantCulture, $"{change.At:hh\\:mm\\:ss}  {change.AppId,-12} {change.From} -> {change.To}  {change.Reason}");

    private static Table Draw(LocalAutoscaler autoscaler)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("app");
        foreach (var column in new[] { "wanted", "ready", "waiting", "in hand", "m per process" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        table.AddColumn("last look");
        var looks = autoscaler.Looks.ToLookup(look => look.AppId);
        foreach (var app in autoscaler.Apps)
        {
            var look = looks[app.AppId].LastOrDefault();
            table.AddRow(
                app.AppId, $"{app.Follower.Wanted}", $"{look?.Ready}", Text(look?.Waiting), Text(look?.InHand), Text(look?.Millicores), Markup.Escape(app.Reason));
        }

        return table;
    }

    private static string Text(double? number) => number?.ToString("0", CultureInfo.InvariantCulture) ?? "";
}
