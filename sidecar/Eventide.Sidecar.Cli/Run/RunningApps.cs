using Eventide.ChildProcesses;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>
/// Everything that one `run` started. All apps start together, each as soon as its sidecar serves it; everything is up when the last one is ready. From then
/// on the number of processes of an app can change.
/// </summary>
internal sealed class RunningApps(AppPlanner planner, ISidecarSource sidecars, Guardian guardian, DataFolder data, RunDisplay display) : IAsyncDisposable
{
    private readonly DateTimeOffset _startedAt = DateTimeOffset.UtcNow;
    private readonly TaskCompletionSource<string> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly List<AppProcess> _processes = [];
    private IReadOnlyDictionary<string, SemaphoreSlim> _scaling = new Dictionary<string, SemaphoreSlim>();
    private bool _isOpen;

    /// <summary>Returns when every app is healthy and every subscription is in place.</summary>
    /// <exception cref="SidecarStartException">Something did not start.</exception>
    public Task OpenAsync(IReadOnlyList<AppPlan> plans, CancellationToken cancellationToken)
    {
        _scaling = plans.Select(plan => plan.AppId).Distinct().ToDictionary(appId => appId, _ => new SemaphoreSlim(1));
        return StartAsync(plans, cancellationToken);
    }

    /// <summary>Writes run.json, and from now on keeps it as things are.</summary>
    public void Announce()
    {
        Volatile.Write(ref _isOpen, true);
        Publish();
    }

    /// <summary>Returns when cancelled. Throws <see cref="SidecarStartException"/> when an app ends again and again.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var stopping = Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        var first = await Task.WhenAny(_failed.Task, sidecars.Failed, stopping);
        if (first is Task<string> failed)
        {
            throw new SidecarStartException(await failed);
        }
    }

    /// <summary>
    /// Starts or takes out processes of apps until each has as many as wanted; returns when the new ones are healthy and the others have stopped. One request at a time
    /// per app; a slow start of one app holds up no other.
    /// </summary>
    /// <exception cref="SidecarStartException">An app is not in this run, or a new process did not start; those that run go on.</exception>
    public async Task ScaleAsync(IReadOnlyDictionary<string, int> wanted, CancellationToken cancellationToken)
    {
        if (wanted.Keys.FirstOrDefault(appId => !_scaling.ContainsKey(appId)) is { } unknown)
        {
            throw new SidecarStartException($"This run has no app \"{unknown}\"; it has: {string.Join(", ", _scaling.Keys.Order(StringComparer.Ordinal))}.");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        var taken = new List<SemaphoreSlim>();
        try
        {
            // In the same order for everybody, or two requests could wait for each other.
            foreach (var appId in wanted.Keys.Order(StringComparer.Ordinal))
            {
                await _scaling[appId].WaitAsync(limit.Token);
                taken.Add(_scaling[appId]);
            }

            var (started, retired) = Changes(wanted);
            await Task.WhenAll(retired.Select(RetireAsync).Append(StartAsync(started, limit.Token)));
        }
        finally
        {
            taken.ForEach(gate => gate.Release());
        }
    }

    /// <summary>Stops the apps, then their sidecars: what an app has in hand still finds its sidecar.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_scaling.Values.Select(gate => gate.WaitAsync()));
        await Task.WhenAll(Current().Select(process => process.DisposeAsync().AsTask()));
        await sidecars.DisposeAsync();
        foreach (var gate in _scaling.Values)
        {
            gate.Dispose();
        }

        _stopping.Dispose();
    }

    private (List<AppPlan> Started, List<AppProcess> Retired) Changes(IReadOnlyDictionary<string, int> wanted)
    {
        // The planner gives ports to one at a time.
        lock (_lock)
        {
            var (started, retired) = (new List<AppPlan>(), new List<AppProcess>());
            foreach (var (appId, count) in wanted)
            {
                // The first one is at the ports that the run file names, and stays.
                var processes = _processes.Where(process => process.Plan.AppId == appId).OrderBy(process => process.Plan.Replica).ToList();
                retired.AddRange(processes.Skip(count));
                started.AddRange(Enumerable.Range(processes[^1].Plan.Replica + 1, Math.Max(0, count - processes.Count)).Select(replica => planner.Plan(processes[0].Plan.App, replica)));
            }

            return (started, retired);
        }
    }

    private async Task StartAsync(IReadOnlyList<AppPlan> plans, CancellationToken cancellationToken)
    {
        var begin = TimeProvider.System.GetTimestamp();
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        async Task StartAsync(AppPlan plan)
        {
            try
            {
                var process = await AppProcess.StartAsync(plan, sidecars, guardian, display, failed.Token);
                lock (_lock)
                {
                    _processes.Add(process);
                }

                process.Restarted += Publish;
                Publish();
                _ = WatchAsync(process);
                display.Step(plan, $"healthy after {TimeProvider.System.GetElapsedTime(begin).TotalSeconds:0.0} s");
            }
            catch
            {
                // Nobody waits for the others when one cannot start.
                await failed.CancelAsync();
                throw;
            }
        }

        var starts = plans.Select(plan => Task.Run(() => StartAsync(plan), CancellationToken.None)).ToArray();
        await Task.WhenAll(starts).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        cancellationToken.ThrowIfCancellationRequested();
        if (starts.Select(start => start.Exception?.InnerException).OfType<Exception>().ToList() is { Count: > 0 } failures)
        {
            throw failures.Find(failure => failure is SidecarStartException) ?? failures[0];
        }
    }

    private async Task RetireAsync(AppProcess process)
    {
        lock (_lock)
        {
            _processes.Remove(process);
        }

        Publish();
        display.Step(process.Plan, "stopping");
        await process.RetireAsync();
        display.Step(process.Plan, "stopped");
    }

    private async Task WatchAsync(AppProcess process) => _failed.TrySetResult((await process.GaveUp).Describe("again and again"));

    private AppProcess[] Current()
    {
        lock (_lock)
        {
            return [.. _processes];
        }
    }

    // Not before everything is up: whoever reads run.json may call every app in it.
    private void Publish()
    {
        lock (_lock)
        {
            if (!Volatile.Read(ref _isOpen))
            {
                return;
            }

            var apps = _processes.OrderBy(process => planner.OrderOf(process.Plan.App)).ThenBy(process => process.Plan.Replica).Select(process => process.Describe());
            var folders = _processes.SelectMany(process => process.Plan.ResourcesPaths).Select(Path.GetFullPath).Distinct();
            new RunState(Environment.ProcessId, _startedAt, data.Control, [.. folders], [.. apps]).Write(data.RunState);
        }
    }
}
