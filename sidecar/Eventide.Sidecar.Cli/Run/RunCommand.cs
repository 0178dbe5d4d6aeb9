using System.Runtime.InteropServices;
using Eventide.ChildProcesses;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>`run`: every app of a run file with its sidecar. Exit code 0 after a clean stop, 1 when something could not start or a stop was forced.</summary>
internal static class RunCommand
{
    private static readonly PosixSignal[] StopSignals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    public static async Task<int> ExecuteAsync(RunSettings settings, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Action? force = null;
        void OnSignal(PosixSignalContext signal)
        {
            signal.Cancel = true;
            if (stop.IsCancellationRequested)
            {
                force?.Invoke();
            }

            stop.Cancel();
        }

        var registrations = StopSignals.Select(signal => PosixSignalRegistration.Create(signal, OnSignal)).ToList();
        try
        {
            await RunAsync(settings, end => force = end, stop.Token);
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
        catch (ProcessStartException failure)
        {
            await Console.Error.WriteLineAsync($"error: {failure.Message}.");
            return 1;
        }
        finally
        {
            registrations.ForEach(registration => registration.Dispose());
        }
    }

    private static async Task RunAsync(RunSettings settings, Action<Action> onForce, CancellationToken stop)
    {
        var run = RunFile.Load(settings.RunFile);
        using var data = DataFolder.Take(settings.Data);
        foreach (var sentence in run.Ineffective)
        {
            Console.WriteLine(sentence);
        }

        var ports = new FreePorts();
        var planner = new AppPlanner(run, settings, ports, data.Logs);
        var plans = planner.Plan(Console.WriteLine);
        var display = new RunDisplay(plans, settings.Logs);
        await using var guardian = new Guardian();
        ISidecarSource sidecars = settings.Sidecar is null
            ? new EmbeddedSidecars(settings, display) : new DaprdSidecars(settings, data, guardian, display, ports, plans);
        await using var running = new RunningApps(planner, sidecars, guardian, data, display);
        onForce(() =>
        {
            guardian.End();
            data.Dispose();
            Environment.Exit(1);
        });
        await display.WhileStartingAsync(() => running.OpenAsync(plans, stop));
        await using var control = ControlServer.Start(data.Control, (request, token) => running.ScaleAsync(request.Scale, token));

        // Whoever reads run.json may ask at once.
        running.Announce();
        display.Open($"Everything is up.{(settings.Hint is null ? "" : " " + settings.Hint)} Ctrl-C stops it. Logs: {data.Logs}");
        try
        {
            await running.RunAsync(stop);
        }
        finally
        {
            display.Close();
        }
    }
}
