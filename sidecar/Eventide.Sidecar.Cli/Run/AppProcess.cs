using System.Diagnostics;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>An app as a child process; started again when it ends by itself. Its output goes to a file and to <paramref name="output"/>.</summary>
internal sealed class AppProcess(RunFileApp app, string root, string logFolder, Action<string, string> output) : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);
    private readonly CancellationTokenSource _stopping = new();
    private Task _supervision = Task.CompletedTask;

    /// <summary>How often it was started again.</summary>
    public int Restarts { get; private set; }

    public string AppId => app.AppId!;

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
        await using var log = new StreamWriter(Path.Combine(logFolder, $"{AppId}.log"), append: true) { AutoFlush = true };
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
            output(AppId, $"ended with code {code}; starting again");
            try
            {
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(1 << Math.Min(Restarts - 1, 4), 15)), _stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            process = Launch();
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

            output(AppId, line);
        }
    }

    private Process Launch()
    {
        var start = new ProcessStartInfo(app.Command![0], app.Command.Skip(1))
        {
            WorkingDirectory = Path.GetFullPath(app.AppDirPath!, root), RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach (var (name, value) in Environment())
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Exception failure) when (failure is System.ComponentModel.Win32Exception or DirectoryNotFoundException)
        {
            throw new SidecarStartException($"{AppId}: \"{string.Join(' ', app.Command)}\" could not be started: {failure.Message}", failure);
        }
    }

    private Dictionary<string, string> Environment()
    {
        var variables = new Dictionary<string, string>
        {
            ["APP_ID"] = AppId,
            ["APP_PORT"] = app.AppPort?.ToString() ?? "",
            ["APP_PROTOCOL"] = app.AppProtocol ?? "http",
            ["DAPR_HTTP_PORT"] = app.DaprHttpPort?.ToString() ?? "",
            ["DAPR_GRPC_PORT"] = app.DaprGrpcPort?.ToString() ?? "",
            ["OTEL_SERVICE_NAME"] = AppId,

            // A dozen services share one machine here: a small heap matters more than the last bit of throughput.
            ["DOTNET_gcServer"] = "0",
            ["DOTNET_TieredPGO"] = "0",
        };
        foreach (var (name, value) in app.Env ?? [])
        {
            variables[name] = value;
        }

        return variables;
    }
}
