using Eventide.ChildProcesses;
using Eventide.Sidecar.Cli.Processes;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>
/// A daprd process per app. Where the control plane's placement and scheduler lie beside it, they are started first: workflows need them. A daprd that ends
/// is started again, as an app is.
/// </summary>
internal sealed class DaprdSidecars : ISidecarSource
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly RunSettings _settings;
    private readonly DataFolder _data;
    private readonly Guardian _guardian;
    private readonly RunDisplay _display;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly Lock _lock = new();
    private readonly List<SupervisedProcess> _processes = [];
    private readonly IReadOnlyList<string> _daprd;
    private readonly Lazy<Task<IReadOnlyList<string>>> _controlPlane;
    private readonly TaskCompletionSource<string> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <exception cref="SidecarStartException">There is no daprd, or the components are for the embedded sidecar only.</exception>
    public DaprdSidecars(RunSettings settings, DataFolder data, Guardian guardian, RunDisplay display, FreePorts ports, IReadOnlyList<AppPlan> plans)
    {
        (_settings, _data, _guardian, _display) = (settings, data, guardian, display);
        var path = Directory.Exists(settings.Sidecar) ? Path.Combine(settings.Sidecar, "daprd") : Path.GetFullPath(settings.Sidecar!);
        if (!File.Exists(path))
        {
            throw new SidecarStartException($"There is no daprd at {path}; --sidecar (make run SIDECAR=PATH) names the file daprd or its folder.");
        }

        if (settings.Duplicates > 0)
        {
            throw new SidecarStartException("--duplicates works with the embedded sidecars only; leave it out with --sidecar.");
        }

        RefuseEmbeddedComponents(plans);
        _daprd = path.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", path] : [path];
        var (placement, scheduler) = (ports.Take(), ports.Take());
        int[] spare = [.. Enumerable.Range(0, 4).Select(_ => ports.Take())];
        _controlPlane = new Lazy<Task<IReadOnlyList<string>>>(async () =>
        [
            .. await StartBesideAsync(path, "placement", placement, spare[0], [
                "--port", $"{placement}", "--healthz-port", $"{spare[0]}", "--metrics-port", $"{spare[1]}", "--listen-address", "127.0.0.1"]),
            .. await StartBesideAsync(path, "scheduler", scheduler, spare[2], [
                "--port", $"{scheduler}", "--healthz-port", $"{spare[2]}", "--metrics-port", $"{spare[3]}", "--listen-address", "127.0.0.1",
                "--override-broadcast-host-port", $"127.0.0.1:{scheduler}", "--etcd-data-dir", Path.Combine(data.Path, "scheduler")]),
        ]);
    }

    /// <inheritdoc/>
    public Task<string> Failed => _failed.Task;

    /// <inheritdoc/>
    public async Task<IRunningSidecar> StartAsync(AppPlan plan, CancellationToken cancellationToken)
    {
        var controlPlane = await _controlPlane.Value.WaitAsync(cancellationToken);
        var process = Start(
            new ProcessPlan($"{plan.Name}'s sidecar", [.. _daprd, .. plan.DaprdFlags(), .. controlPlane], _settings.Data.FullName, new Dictionary<string, string>(Variables().Concat(plan.Tokens)), plan.SidecarLog),
            line => ShowWarning(plan, line), sentence => _display.Tell(plan, $"sidecar {sentence}"));
        await AnswersAsync(process, $"http://127.0.0.1:{plan.HttpPort}/v1.0/healthz/outbound", cancellationToken);
        process.IsUp();
        return new Daprd(this, process, $"http://127.0.0.1:{plan.HttpPort}/v1.0/healthz");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // The control plane was started first and stops last.
        foreach (var process in _processes.AsEnumerable().Reverse())
        {
            await process.DisposeAsync();
        }

        _http.Dispose();
    }

    private async Task<IReadOnlyList<string>> StartBesideAsync(string daprd, string name, int port, int healthPort, IReadOnlyList<string> arguments)
    {
        var path = Path.Combine(Path.GetDirectoryName(daprd)!, name);
        if (!File.Exists(path))
        {
            return [];
        }

        var process = Start(
            new ProcessPlan(name, [path, .. arguments], _settings.Data.FullName, Variables(), Path.Combine(_data.Logs, $"{name}.log")), _ => { }, _ => { });
        await AnswersAsync(process, $"http://127.0.0.1:{healthPort}/healthz", CancellationToken.None);
        process.IsUp();
        return [$"--{name}-host-address", $"127.0.0.1:{port}"];
    }

    // The names of our own executable in daprd's place are for this run alone; daprd does not know the variable.
    private Dictionary<string, string> Variables() => new() { ["DAPR_HOST_IP"] = "127.0.0.1", ["EVENTIDE_NAMES"] = Path.Combine(_data.Path, "names.db") };

    private SupervisedProcess Start(ProcessPlan plan, Action<string> show, Action<string> tell)
    {
        var process = new SupervisedProcess(plan, _guardian, show, tell);
        lock (_lock)
        {
            _processes.Add(process);
        }

        process.Start();
        _ = ReportAsync(process);
        return process;
    }

    private async Task ReportAsync(SupervisedProcess process) => _failed.TrySetResult((await process.GaveUp).Describe("again and again"));

    private async Task AnswersAsync(SupervisedProcess process, string url, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            while (!await AnswersAsync(url, limit.Token))
            {
                if (await Task.WhenAny(process.GaveUp, Task.Delay(Pause, limit.Token)) == process.GaveUp)
                {
                    throw new SidecarStartException((await process.GaveUp).Describe("while starting"));
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SidecarStartException($"{process.Plan.Name} did not answer on {url} within {Patience.TotalSeconds} s; see {process.Plan.Log}.");
        }
    }

    private async Task<bool> AnswersAsync(string url, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(url), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private void ShowWarning(AppPlan plan, string line)
    {
        if (line.Contains(" level=warn", StringComparison.Ordinal) || line.Contains(" level=error", StringComparison.Ordinal) || line.Contains(" level=fatal", StringComparison.Ordinal))
        {
            _display.Log(plan, $"sidecar: {line}");
        }
    }

    private static void RefuseEmbeddedComponents(IReadOnlyList<AppPlan> plans)
    {
        foreach (var folder in plans.SelectMany(plan => plan.ResourcesPaths).Distinct().Where(Directory.Exists))
        {
            if (Directory.EnumerateFiles(folder, "*.y*ml").Any(file => File.ReadLines(file).Any(line => line.Trim() == "type: pubsub.sqlite")))
            {
                throw new SidecarStartException(
                    $"{folder} is for the embedded sidecar alone: its broker, pubsub.sqlite, lives in one process; choose other components for daprd (make run SIDECAR=… BROKER=redis).");
            }
        }
    }

    private sealed class Daprd(DaprdSidecars owner, SupervisedProcess process, string health) : IRunningSidecar
    {
        public Task WaitUntilReadyAsync(CancellationToken cancellationToken) => owner.AnswersAsync(process, health, cancellationToken);

        // daprd has no such request: it ends deliveries when it stops, and what was refused meanwhile comes again to another replica.
        public Task DrainAsync() => Task.CompletedTask;

        public ValueTask DisposeAsync()
        {
            lock (owner._lock)
            {
                owner._processes.Remove(process);
            }

            return process.DisposeAsync();
        }
    }
}
