using Eventide.ChildProcesses;
using Eventide.Sidecar.Cli.Processes;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>One process of an app with its sidecar, both up. Disposing it stops the process; its sidecar stops with its source.</summary>
internal sealed class AppProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private readonly IRunningSidecar _sidecar;
    private readonly SupervisedProcess _process;

    private readonly DateTimeOffset _startedAt;
    private readonly DateTimeOffset _readyAt = DateTimeOffset.UtcNow;

    private AppProcess(AppPlan plan, IRunningSidecar sidecar, SupervisedProcess process, DateTimeOffset startedAt) =>
        (Plan, _sidecar, _process, _startedAt) = (plan, sidecar, process, startedAt);

    /// <summary>What it was started with.</summary>
    public AppPlan Plan { get; }

    /// <summary>The process id of the latest start.</summary>
    public int Pid => _process.Pid;

    /// <summary>Completes when it ended and is not started again.</summary>
    public Task<ProcessEnd> GaveUp => _process.GaveUp;

    /// <summary>Called after each start but the first.</summary>
    public event Action Restarted
    {
        add => _process.Restarted += value;
        remove => _process.Restarted -= value;
    }

    /// <summary>Starts the sidecar, then the app; returns when the app is healthy and its subscriptions are in place. What did not get there is stopped again.</summary>
    /// <exception cref="SidecarStartException">One of the two cannot start; the message is for the user.</exception>
    public static async Task<AppProcess> StartAsync(AppPlan plan, ISidecarSource sidecars, Guardian guardian, RunDisplay display, CancellationToken cancellationToken)
    {
        var startedAt = DateTimeOffset.UtcNow;
        display.Step(plan, "starting");
        var sidecar = await sidecars.StartAsync(plan, cancellationToken);
        var process = new SupervisedProcess(plan.Process(), guardian, line => display.Log(plan, line), sentence => display.Tell(plan, sentence));
        try
        {
            process.Start();
            display.Step(plan, "waiting for health", process.Pid);
            await HealthyAsync(sidecar, process, plan, cancellationToken);
            process.IsUp();
            return new AppProcess(plan, sidecar, process, startedAt);
        }
        catch
        {
            await process.DisposeAsync();
            await sidecar.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes it out of a run that goes on: nothing new reaches the app, what it has in hand ends, then the two stop.</summary>
    public async Task RetireAsync()
    {
        await _sidecar.DrainAsync();
        await _process.DisposeAsync();
        await _sidecar.DisposeAsync();
    }

    /// <summary>What run.json says of it.</summary>
    public RunningApp Describe() => new(
        Plan.AppId, Pid, Plan.AppPort, Plan.ProtocolName, Plan.HttpPort, Plan.GrpcPort, Plan.MetricsPort, Plan.Replica, Plan.Log, _startedAt, _readyAt);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

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
}
