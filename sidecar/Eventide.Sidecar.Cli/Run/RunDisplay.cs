using Spectre.Console;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>
/// What the person at the terminal sees: a table whose rows turn from starting to healthy, then the merged logs. Where nobody watches (a pipe, a build
/// server) each step is a plain line. Thread-safe.
/// </summary>
internal sealed class RunDisplay
{
    private static readonly Color[] Colors = [Color.Aqua, Color.Yellow, Color.Lime, Color.Fuchsia, Color.Orange1, Color.SkyBlue1, Color.Gold1, Color.SpringGreen1];
    private readonly Lock _lock = new();
    private readonly List<AppPlan> _plans;
    private readonly IReadOnlyList<string> _appIds;
    private readonly Dictionary<AppPlan, (string Health, int? Pid)> _rows;
    private readonly Func<AppPlan, bool> _isShown;
    private readonly int _nameWidth;
    private readonly bool _interactive = AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;
    private LiveDisplayContext? _live;
    private bool _isOpen;

    /// <param name="logs">The app ids whose logs are shown; null shows all.</param>
    public RunDisplay(IReadOnlyList<AppPlan> plans, IReadOnlyList<string>? logs)
    {
        _plans = [.. plans];
        _appIds = [.. plans.Select(plan => plan.AppId).Distinct()];
        _rows = plans.ToDictionary(plan => plan, _ => ("waits", (int?)null));
        _isShown = plan => logs is null || logs.Contains(plan.AppId) || logs.Contains(plan.Name);
        _nameWidth = plans.Max(plan => plan.Name.Length);
        if (!_interactive)
        {
            // Nobody's window: nothing to wrap at.
            AnsiConsole.Profile.Width = 200;
        }
    }

    /// <summary>Runs <paramref name="start"/> under the table, which stays as it was at the end.</summary>
    public async Task WhileStartingAsync(Func<Task> start)
    {
        if (!_interactive)
        {
            await start();
            AnsiConsole.Write(Status());
            return;
        }

        await AnsiConsole.Live(Status()).AutoClear(false).StartAsync(async live =>
        {
            _live = live;
            try
            {
                await start();
            }
            finally
            {
                lock (_lock)
                {
                    _live = null;
                }
            }
        });
    }

    /// <summary>A process of an app got one step further; it may be one that was not there in the beginning.</summary>
    public void Step(AppPlan plan, string health, int? pid = null)
    {
        lock (_lock)
        {
            if (!_rows.TryGetValue(plan, out var row))
            {
                _plans.Add(plan);
            }

            _rows[plan] = (health, pid ?? row.Pid);
            if (_live is { } live)
            {
                live.UpdateTarget(Status());
            }
            else if (!_interactive)
            {
                Console.WriteLine($"{plan.Name} {health}");
            }
            else
            {
                WriteLine(plan, health);
            }
        }
    }

    /// <summary>Everything is up: logs are shown from here on.</summary>
    public void Open(string sentence)
    {
        AnsiConsole.MarkupLineInterpolated($"[green]{sentence}[/]");
        Volatile.Write(ref _isOpen, true);
    }

    /// <summary>Everything stops: what is logged now is only in the files.</summary>
    public void Close()
    {
        Volatile.Write(ref _isOpen, false);
        AnsiConsole.MarkupLine("[grey]stopping[/]");
    }

    /// <summary>A line of an app's or sidecar's output.</summary>
    public void Log(AppPlan plan, string line)
    {
        if (Volatile.Read(ref _isOpen) && _isShown(plan))
        {
            WriteLine(plan, line);
        }
    }

    /// <summary>A sentence about an app, shown whatever the filter says.</summary>
    public void Tell(AppPlan plan, string sentence)
    {
        lock (_lock)
        {
            if (_live is null)
            {
                WriteLine(plan, sentence);
            }
        }
    }

    private void WriteLine(AppPlan plan, string line)
    {
        lock (_lock)
        {
            // Written as it is: a log line must neither be wrapped nor read as markup.
            AnsiConsole.Markup($"[{ColorOf(plan)}]{plan.Name.PadRight(_nameWidth)}[/] ");
            Console.WriteLine(line);
        }
    }

    private Table Status()
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("service", "app id", "url", "sidecar HTTP", "sidecar gRPC", "health", "pid");
        foreach (var plan in _plans)
        {
            var (health, pid) = _rows[plan];
            var url = plan.AppPort is { } port ? $"http://127.0.0.1:{port}" : "";
            var healthColor = health.StartsWith("healthy", StringComparison.Ordinal) ? "green" : "yellow";
            table.AddRow(
                $"[{ColorOf(plan)}]{plan.Name}[/]", plan.AppId, url, $"{plan.HttpPort}", $"{plan.GrpcPort}", $"[{healthColor}]{health}[/]", $"{pid}");
        }

        return table;
    }

    private string ColorOf(AppPlan plan)
    {
        var index = 0;
        while (_appIds[index] != plan.AppId)
        {
            index++;
        }

        return Colors[index % Colors.Length].ToMarkup();
    }
}
