using Eventide.ChildProcesses;
using Eventide.Sidecar.Cli.Processes;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>Everything that one `run` started. All apps start together, each as soon as its sidecar serves it; everything is up when the last one is ready.</summary>
internal sealed class RunningApps(IReadOnlyList<AppPlan> plans, ISidecarSource sidecars, Guardian guardian, DataFolder data, RunDisplay display) : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private readonly DateTimeOffset _startedAt = DateTimeOffset.UtcNow;
    private readonly Lock _lock = new();
    private readonly SupervisedProcess?[] _processes = new SupervisedProcess?[plans.Count];

    /// <summary>Returns when every app is healthy and every subscription is in place; run.json is there then.</summary>
    /// <exception cref="SidecarStartException">Something did not start.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var begin = clock.GetTimestamp();
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        async Task StartAsync(int index)
        {
            var plan = plans[index];
            try
            {
                display.Step(plan, "starting");
                var sidecar = await sidecars.StartAsync(plan, failed.Token);
                var process = new SupervisedProcess(plan.Process(), guardian, line => display.Log(plan, line), sentence => display.Tell(plan, sentence));
                _processes[index] = process;
                process.Start();
                display.Step(plan, "waiting for health", process.Pid);
                await HealthyAsync(sidecar, process, plan, failed.Token);
                process.Restarted += Publish;
                process.IsUp();
                display.Step(plan, $"healthy after {clock.GetElapsedTime(begin).TotalSeconds:0.0} s");
            }
            catch
            {
                // Nobody waits for the others when one cannot start.
                await failed.CancelAsync();
                throw;
            }
        }

        var starts = Enumerable.Range(0, plans.Count).Select(index => Task.Run(() => StartAsync(index), CancellationToken.None)).ToArray();
        await Task.WhenAll(starts).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        cancellationToken.ThrowIfCancellationRequested();
        if (starts.Select(start => start.Exception?.InnerException).OfType<Exception>().ToList() is { Count: > 0 } failures)
        {
            throw failures.Find(failure => failure is SidecarStartException) ?? failures[0];
        }

        Publish();
    }

    /// <summary>Returns when cancelled. Throws <see cref="SidecarStartException"/> when an app ends again and again.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var stopping = Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        var first = await Task.WhenAny(_processes.Select(process => (Task)process!.GaveUp).Append(stopping).Append(sidecars.Failed));
        if (first is Task<ProcessEnd> gaveUp)
        {
            throw new SidecarStartException((await gaveUp).Describe("again and again"));
        }

        if (first == sidecars.Failed)
        {
            throw new SidecarStartException(await sidecars.Failed);
        }
    }

    /// <summary>Ends everything at once, in whatever state it is.</summary>
    public void End()
    {
        foreach (var process in _processes)
        {
            if (process is { Pid: > 0 })
            {
                ProcessGroup.End(process.Pid);
            }
        }
    }

    /// <summary>Stops the apps, then their sidecars: what an app has in hand still finds its sidecar.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_processes.OfType<SupervisedProcess>().Select(process => process.DisposeAsync().AsTask()));
        await sidecars.DisposeAsync();
    }

    private static async Task HealthyAsync(IRunningSidecar sidecar, SupervisedProcess process, AppPlan plan, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartPatience);
        var ready = sidecar.WaitUntilReadyAsync(limit.Token);
        try
        {
            if (await Task.WhenAny(ready, process.GaveUp) == process.GaveUp)
            {
                await limit.CancelAsync();
                throw new SidecarStartException((await process.GaveUp).Describe("while starting"));
            }

            await ready;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SidecarStartException(
                $"{plan.Name} was not healthy {StartPatience.TotalSeconds} s after its start: it must answer on port {plan.AppPort}, path {plan.HealthPath}; see {plan.Log}.");
        }
    }

    private void Publish()
    {
        lock (_lock)
        {
            new RunState(Environment.ProcessId, _startedAt, [.. plans.Zip(_processes, (plan, process) => new RunningApp(
                plan.AppId, process!.Pid, plan.AppPort, plan.ProtocolName, plan.HttpPort, plan.GrpcPort, plan.Replica, plan.Log))]).Write(data.RunState);
        }
    }
}
