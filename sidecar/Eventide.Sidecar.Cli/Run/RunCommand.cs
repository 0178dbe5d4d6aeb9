using System.Runtime.InteropServices;
using Eventide.Sidecar.Hosting;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>`run`: every app of a run file with its sidecar. Exit code 0 after a clean stop, 1 when something could not start.</summary>
internal static class RunCommand
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly Color[] Colors = [Color.Aqua, Color.Yellow, Color.Lime, Color.Fuchsia, Color.Orange1, Color.SkyBlue1, Color.Gold1, Color.SpringGreen1];

    public static async Task<int> ExecuteAsync(RunSettings settings, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        try
        {
            await RunAsync(settings, stop.Token);
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (SidecarStartException failure)
        {
            await Console.Error.WriteLineAsync($"error: {failure.Message}");
            return 1;
        }
    }

    private static async Task RunAsync(RunSettings settings, CancellationToken stop)
    {
        var run = RunFile.Load(settings.RunFile);
        using var data = DataFolder.Take(settings.Data);
        var plans = AppPlan.Of(run, settings, data.Logs);
        foreach (var plan in plans.Where(plan => plan.LacksNode))
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]{plan.Name} is left out:[/] node is missing; install Node.js 20 or newer to have it.");
        }

        plans = [.. plans.Where(plan => !plan.LacksNode)];
        foreach (var plan in plans)
        {
            plan.RefuseTakenPorts();
        }

        var colors = plans.Select((plan, index) => (plan.Name, Color: Colors[index % Colors.Length].ToMarkup())).ToDictionary();
        var shown = plans.Where(plan => settings.Logs?.Contains(plan.AppId) ?? true).Select(plan => plan.Name).ToHashSet();
        var showing = false;
        void Show(string name, string line)
        {
            if (Volatile.Read(ref showing) && shown.Contains(name))
            {
                AnsiConsole.MarkupLineInterpolated($"[{colors[name]}]{name,-10}[/] {line}");
            }
        }

        using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true));
        await using var host = new SidecarHost(loggers: loggers);
        var startedAt = DateTimeOffset.UtcNow;
        var processes = new List<AppProcess>();
        var open = new Lock();
        void Publish()
        {
            lock (open)
            {
                new RunState(Environment.ProcessId, startedAt, [.. processes.Select(Running)]).Write(data.RunState);
            }
        }

        try
        {
            var sidecars = new List<SidecarInstance>();
            foreach (var plan in plans)
            {
                AnsiConsole.MarkupLineInterpolated($"[grey]starting {plan.Name}[/]");
                sidecars.Add(await host.StartAsync(plan.Sidecar(settings), stop));
                var process = new AppProcess(plan, Show);
                processes.Add(process);
                process.Start();
            }

            foreach (var (sidecar, process) in sidecars.Zip(processes))
            {
                await HealthyAsync(sidecar, process, stop);
                process.Restarted += Publish;
                process.Started();
            }

            Publish();
            AnsiConsole.Write(Status(processes));
            AnsiConsole.MarkupLineInterpolated($"[green]The shop is open.[/] Place an order with `make order`; Ctrl-C stops everything. Logs: {data.Logs}");
            Volatile.Write(ref showing, true);
            await Task.Delay(Timeout.InfiniteTimeSpan, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            AnsiConsole.MarkupLine("[grey]stopping[/]");
        }
        finally
        {
            Volatile.Write(ref showing, false);

            // Apps first: what they have in hand still finds its sidecar.
            await Task.WhenAll(processes.Select(process => process.DisposeAsync().AsTask()));
        }
    }

    private static async Task HealthyAsync(SidecarInstance sidecar, AppProcess process, CancellationToken stop)
    {
        var patience = Task.Delay(StartPatience, stop);
        var first = await Task.WhenAny(sidecar.Ready, process.EndedAtStart.Task, patience);
        stop.ThrowIfCancellationRequested();
        var (name, log) = (process.Plan.Name, process.Plan.Log);
        if (first == process.EndedAtStart.Task)
        {
            var last = File.ReadLines(log).LastOrDefault(line => line.Length > 0) ?? "no output";
            throw new SidecarStartException($"{name} ended with code {await process.EndedAtStart.Task} while starting: {last.Trim()} (all of it: {log})");
        }

        if (first == patience)
        {
            throw new SidecarStartException($"{name} was not healthy after {StartPatience.TotalSeconds} s; see {log}.");
        }

        await sidecar.Ready;
    }

    private static RunningApp Running(AppProcess process)
    {
        var plan = process.Plan;
        return new RunningApp(
            plan.AppId, process.Pid, plan.AppPort, plan.Protocol.ToString().ToLowerInvariant(), plan.HttpPort, plan.GrpcPort, plan.Replica, plan.Log);
    }

    private static Table Status(IEnumerable<AppProcess> processes)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("service", "url", "sidecar HTTP", "sidecar gRPC", "health", "pid");
        foreach (var process in processes)
        {
            var plan = process.Plan;
            table.AddRow(plan.Name, plan.AppPort is { } port ? $"http://127.0.0.1:{port}" : "", $"{plan.HttpPort}", $"{plan.GrpcPort}", "[green]healthy[/]", $"{process.Pid}");
        }

        return table;
    }
}
