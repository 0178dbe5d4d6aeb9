using System.Net.Sockets;
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
        var root = settings.RunFile.Directory!.FullName;
        var apps = run.Apps.Select(app => Merge(run.Common, app)).ToList();
        await RefuseTakenPortsAsync(apps, stop);
        var logFolder = Directory.CreateDirectory(Path.Combine(settings.Data.FullName, "data", "logs")).FullName;
        var showing = false;
        void Show(string app, string line)
        {
            if (Volatile.Read(ref showing) && (settings.Logs is null || settings.Logs.Split(',').Contains(app)))
            {
                var color = Colors[apps.FindIndex(a => a.AppId == app) is >= 0 and var index ? index % Colors.Length : 0];
                AnsiConsole.MarkupLineInterpolated($"[{color.ToMarkup()}]{app,-10}[/] {line}");
            }
        }

        using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true));
        await using var host = new SidecarHost(loggers: loggers);
        var processes = new List<AppProcess>();
        try
        {
            var sidecars = new List<SidecarInstance>();
            foreach (var app in apps)
            {
                AnsiConsole.MarkupLineInterpolated($"[grey]starting {app.AppId}[/]");
                sidecars.Add(await host.StartAsync(Options(app, settings, root), stop));
                var process = new AppProcess(app, root, logFolder, Show);
                processes.Add(process);
                process.Start();
            }

            foreach (var (sidecar, process) in sidecars.Zip(processes))
            {
                await HealthyAsync(sidecar, process, logFolder, stop);
                process.Started();
            }

            AnsiConsole.Write(Status(apps));
            AnsiConsole.MarkupLineInterpolated($"[green]The shop is open.[/] Place an order with `make order`; Ctrl-C stops everything. Logs: {logFolder}");
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

    private static async Task HealthyAsync(SidecarInstance sidecar, AppProcess process, string logFolder, CancellationToken stop)
    {
        var patience = Task.Delay(StartPatience, stop);
        var first = await Task.WhenAny(sidecar.Ready, process.EndedAtStart.Task, patience);
        stop.ThrowIfCancellationRequested();
        if (first == process.EndedAtStart.Task)
        {
            var log = Path.Combine(logFolder, $"{process.AppId}.log");
            var last = File.ReadLines(log).LastOrDefault(line => line.Length > 0) ?? "no output";
            throw new SidecarStartException($"{process.AppId} ended with code {await process.EndedAtStart.Task} while starting: {last.Trim()} (all of it: {log})");
        }

        if (first == patience)
        {
            throw new SidecarStartException($"{process.AppId} was not healthy after {StartPatience.TotalSeconds} s; see {Path.Combine(logFolder, process.AppId + ".log")}.");
        }

        await sidecar.Ready;
    }

    private static async Task RefuseTakenPortsAsync(IEnumerable<RunFileApp> apps, CancellationToken stop)
    {
        foreach (var app in apps)
        {
            foreach (var port in new[] { app.AppPort, app.DaprHttpPort, app.DaprGrpcPort }.OfType<int>())
            {
                using var probe = new TcpClient();
                try
                {
                    await probe.ConnectAsync("127.0.0.1", port, stop);
                }
                catch (SocketException)
                {
                    continue;
                }

                throw new SidecarStartException($"{app.AppId} needs port {port}, but something listens there already; stop it, or change the port in the run file.");
            }
        }
    }

    private static RunFileApp Merge(RunFileApp common, RunFileApp app)
    {
        if (app.AppId is null || app.AppDirPath is null || app.Command is not { Count: > 0 })
        {
            throw new SidecarStartException($"App {app.AppId ?? "(unnamed)"}: appID, appDirPath and command are needed.");
        }

        app.AppProtocol ??= common.AppProtocol;
        app.ResourcesPaths ??= common.ResourcesPaths;
        app.EnableAppHealthCheck ??= common.EnableAppHealthCheck;
        app.AppHealthCheckPath ??= common.AppHealthCheckPath;
        app.AppHealthProbeInterval ??= common.AppHealthProbeInterval;
        app.AppHealthProbeTimeout ??= common.AppHealthProbeTimeout;
        app.AppHealthThreshold ??= common.AppHealthThreshold;
        return app;
    }

    private static SidecarOptions Options(RunFileApp app, RunSettings settings, string root) => new()
    {
        AppId = app.AppId!,
        AppPort = app.AppPort,
        AppProtocol = Enum.Parse<AppProtocol>(app.AppProtocol ?? "http", ignoreCase: true),
        HttpPort = app.DaprHttpPort ?? 0,
        GrpcPort = app.DaprGrpcPort ?? 0,
        WorkingDirectory = settings.Data.FullName,
        ResourcesPaths = settings.Resources is { } folder ? [folder.FullName] : [.. (app.ResourcesPaths ?? []).Select(path => Path.GetFullPath(path, root))],
        AppHealthCheck = app.EnableAppHealthCheck ?? false,
        AppHealthCheckPath = app.AppHealthCheckPath ?? "/healthz",
        AppHealthProbeInterval = TimeSpan.FromSeconds(app.AppHealthProbeInterval ?? 5),
        AppHealthProbeTimeout = TimeSpan.FromMilliseconds(app.AppHealthProbeTimeout ?? 500),
        AppHealthThreshold = app.AppHealthThreshold ?? 3,
    };

    private static Table Status(IEnumerable<RunFileApp> apps)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("service", "url", "sidecar HTTP", "sidecar gRPC", "health");
        foreach (var app in apps)
        {
            table.AddRow(app.AppId!, $"http://127.0.0.1:{app.AppPort}", $"{app.DaprHttpPort}", $"{app.DaprGrpcPort}", "[green]healthy[/]");
        }

        return table;
    }
}
