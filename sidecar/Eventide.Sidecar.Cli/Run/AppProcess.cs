using System.Diagnostics;
using System.Globalization;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>An app as a child process; started again when it ends by itself. Its output goes to a file and to <paramref name="output"/>.</summary>
internal sealed class AppProcess(AppPlan plan, Action<string, string> output) : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);
    private readonly CancellationTokenSource _stopping = new();
    private Task _supervision = Task.CompletedTask;

    /// <summary>How often it was started again.</summary>
    public int Restarts { get; private set; }

    /// <summary>What it was started with.</summary>
    public AppPlan Plan => plan;

    /// <summary>The process id of the latest start.</summary>
    public int Pid { get; private set; }

    /// <summary>Called after each start but the first.</summary>
    public event Action? Restarted;

    /// <summary>Completes when the first start ended before <see cref="Started"/> was called.</summary>
    public TaskCompletionSource<int> EndedAtStart { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool _started;

    /// <summary>From now on an end is a crash that is repaired, not a failed start.</summary>
    public void Started() => _started = true;

    /// <summary>Starts it.</summary>
    public void Start()
    {
        var first = Launch();
        _supervision = SuperviseAsync(first);
    }

    /// <summary>Asks it to stop, then makes it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _supervision;
        _stopping.Dispose();
    }

    private async Task SuperviseAsync(Process process)
    {
        await using var log = new StreamWriter(plan.Log, append: true) { AutoFlush = true };
        while (true)
        {
            var copying = Task.WhenAll(CopyAsync(process.StandardOutput, log), CopyAsync(process.StandardError, log));
            try
            {
                await process.WaitForExitAsync(_stopping.Token);
            }
            catch (OperationCanceledException)
            {
                await StopAsync(process);
                await copying;
                process.Dispose();
                return;
            }

            await copying;
            var code = process.ExitCode;
            process.Dispose();
            if (!_started)
            {
                EndedAtStart.TrySetResult(code);
                return;
            }

            Restarts++;
            output(plan.Name, $"ended with code {code}; starting again");
            try
            {
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(1 << Math.Min(Restarts - 1, 4), 15)), _stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            process = Launch();
            Restarted?.Invoke();
        }
    }

    private static async Task StopAsync(Process process)
    {
        using (Process.Start("kill", ["-TERM", process.Id.ToString()]))
        {
        }

        using var limit = new CancellationTokenSource(StopPatience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    private async Task CopyAsync(StreamReader from, StreamWriter log)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            lock (log)
            {
                log.WriteLine(line);
            }

            output(plan.Name, line);
        }
    }

    private Process Launch()
    {
        var start = new ProcessStartInfo(plan.App.Command![0], plan.App.Command.Skip(1))
        {
            WorkingDirectory = plan.Folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach (var (name, value) in Environment())
        {
            start.Environment[name] = value;
        }

        try
        {
            var process = Process.Start(start)!;
            Pid = process.Id;
            return process;
        }
        catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or DirectoryNotFoundException)
        {
            throw new SidecarStartException($"{plan.Name}: \"{string.Join(' ', plan.App.Command)}\" could not be started: {failure.Message}", failure);
        }
    }

    private Dictionary<string, string> Environment()
    {
        var variables = new Dictionary<string, string>
        {
            ["APP_ID"] = plan.AppId,
            ["APP_PORT"] = plan.AppPort?.ToString() ?? "",
            ["APP_PROTOCOL"] = plan.Protocol.ToString().ToLowerInvariant(),
            ["DAPR_HTTP_PORT"] = plan.HttpPort.ToString(CultureInfo.InvariantCulture),
            ["DAPR_GRPC_PORT"] = plan.GrpcPort.ToString(CultureInfo.InvariantCulture),
            ["OTEL_SERVICE_NAME"] = plan.AppId,

            // A dozen services share one machine here: a small heap matters more than the last bit of throughput.
            ["DOTNET_gcServer"] = "0",
            ["DOTNET_TieredPGO"] = "0",
        };
        foreach (var (name, value) in plan.App.Env ?? [])
        {
            variables[name] = value;
        }

        return variables;
    }
}
