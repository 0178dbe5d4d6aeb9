using System.Diagnostics;

namespace Eventide.Tools.Shops;

/// <summary>
/// A copy of the shop of its own: the runner as a child process, on free ports and with a data folder that nobody else uses. Dispose stops it; the folder
/// stays.
/// </summary>
internal sealed class OwnShop : IAsyncDisposable
{
    private const string Error = "error: ";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);
    private readonly ProcessStartInfo _start;
    private Process _runner;
    private Task _copying;

    private OwnShop(ProcessStartInfo start, string data)
    {
        (_start, Data) = (start, data);
        (_runner, _copying) = Launch();
    }

    /// <summary>What the runner was told to use as its data folder.</summary>
    public string Data { get; }

    /// <summary>What runs now; a process that was killed and started again has another id. Null while the shop is not open.</summary>
    public RunState? State => RunState.TryRead(Data) is { } state && state.Pid == _runner.Id ? state : null;

    private string Log => Path.Combine(Data, "runner.log");

    /// <summary>Starts the shop and waits until it is open.</summary>
    /// <param name="data">An empty folder, or that of an earlier shop, which then goes on.</param>
    /// <param name="resources">The component folders.</param>
    /// <param name="arguments">More arguments for the runner.</param>
    /// <param name="runFile">Which apps; null means the whole shop.</param>
    /// <exception cref="ToolException">It did not open.</exception>
    public static async Task<OwnShop> StartAsync(
        string data, IEnumerable<string> resources, IEnumerable<string> arguments, CancellationToken cancellationToken, string? runFile = null)
    {
        if (!File.Exists(Repository.Runner))
        {
            throw new ToolException($"{Repository.Runner} is missing; build it with `make build`.");
        }

        Directory.CreateDirectory(data);
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Repository.Runner, "run", "-f", runFile ?? Repository.RunFile, .. resources.SelectMany(folder => new[] { "--resources", folder }), "--data", data, "--free-ports",
                "--logs", "none", .. arguments,
            ])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        var shop = new OwnShop(start, data);
        try
        {
            await shop.OpenAsync(cancellationToken);
            return shop;
        }
        catch
        {
            await shop.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the runner with all sidecars, which takes every service with it, as a power cut does; then starts the shop again over the same data.</summary>
    /// <exception cref="ToolException">It did not open again.</exception>
    public async Task CrashAsync(CancellationToken cancellationToken)
    {
        Signals.Send(_runner.Id, Signals.Kill);
        await _runner.WaitForExitAsync(cancellationToken);
        await _copying;

        // Others ask for the state meanwhile.
        var killed = _runner;
        (_runner, _copying) = Launch();
        killed.Dispose();
        await OpenAsync(cancellationToken);
    }

    /// <summary>Gives apps another number of processes; returns when the new ones are healthy and the others have ended.</summary>
    /// <exception cref="ToolException">The runner did not do it.</exception>
    public Task ScaleAsync(IReadOnlyDictionary<string, int> processes, CancellationToken cancellationToken) =>
        RunControl.ScaleAsync(State ?? throw new ToolException("The shop could not be scaled. It is not open."), processes, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (!_runner.HasExited)
        {
            Signals.Send(_runner.Id, Signals.Terminate);
            using var limit = new CancellationTokenSource(StopPatience);
            try
            {
                await _runner.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _runner.Kill(entireProcessTree: true);
                await _runner.WaitForExitAsync(CancellationToken.None);
            }
        }

        await _copying;
        _runner.Dispose();
    }

    private (Process Runner, Task Copying) Launch()
    {
        var runner = Process.Start(_start)!;
        return (runner, CopyAsync(runner, Log));
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (State is null)
        {
            if (_runner.HasExited)
            {
                await _copying;
                var last = File.ReadLines(Log).LastOrDefault(line => line.Length > 0) ?? "it said nothing";
                throw new ToolException($"The shop did not start. {(last.StartsWith(Error, StringComparison.Ordinal) ? last[Error.Length..] : last)} (All of it: {Log})");
            }

            if (Stopwatch.GetElapsedTime(started) > StartPatience)
            {
                throw new ToolException($"The shop was not open after {StartPatience.TotalSeconds} s; see {Log}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }
    }

    private static async Task CopyAsync(Process runner, string log)
    {
        await using var file = new StreamWriter(log, append: true) { AutoFlush = true };
        using var writing = new SemaphoreSlim(1);
        async Task FromAsync(StreamReader output)
        {
            while (await output.ReadLineAsync() is { } line)
            {
                await writing.WaitAsync();
                await file.WriteLineAsync(line);
                writing.Release();
            }
        }

        await Task.WhenAll(FromAsync(runner.StandardOutput), FromAsync(runner.StandardError));
    }
}
