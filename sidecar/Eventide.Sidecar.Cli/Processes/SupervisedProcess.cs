using System.Diagnostics;
using Eventide.ChildProcesses;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Cli.Processes;

/// <summary>A child process that is started again when it ends by itself, and that ends with us in any case.</summary>
/// <param name="show">Gets each line of its output.</param>
/// <param name="tell">Gets each sentence about it.</param>
internal sealed class SupervisedProcess(ProcessPlan plan, Guardian guardian, Action<string> show, Action<string> tell) : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    // What a child left behind may hold the pipe of its output for ever.
    private static readonly TimeSpan OutputPatience = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<ProcessEnd> _gaveUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RestartPolicy _policy = new(TimeProvider.System);
    private readonly ProcessLog _log = new(plan.Log, show);
    private Task _supervision = Task.CompletedTask;
    private volatile bool _isUp;

    /// <summary>What it was started with.</summary>
    public ProcessPlan Plan => plan;

    /// <summary>The process id of the latest start.</summary>
    public int Pid { get; private set; }

    /// <summary>Completes when it ended and is not started again: before <see cref="IsUp"/>, or too often.</summary>
    public Task<ProcessEnd> GaveUp => _gaveUp.Task;

    /// <summary>Called after each start but the first.</summary>
    public event Action? Restarted;

    /// <summary>From now on an end is a crash that is repaired, not a failed start.</summary>
    public void IsUp() => _isUp = true;

    /// <summary>Starts it. Throws <see cref="SidecarStartException"/> when there is nothing to start.</summary>
    public void Start() => _supervision = SuperviseAsync(Launch());

    /// <summary>Asks it to stop, then makes it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _supervision;
        _stopping.Dispose();
        _log.Dispose();
    }

    private async Task SuperviseAsync(Process process)
    {
        while (true)
        {
            if (await EndAsync(process) is not { } end)
            {
                return;
            }

            var delay = _policy.AfterEnd(end.FromOutside);
            if (!_isUp || delay is null)
            {
                _gaveUp.TrySetResult(end);
                return;
            }

            tell(delay == TimeSpan.Zero ? $"{end.Reason}; starting it again" : $"{end.Reason}; starting it again in {delay.Value.TotalSeconds} s");
            try
            {
                await Task.Delay(delay.Value, _stopping.Token);
                process = Launch();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SidecarStartException gone)
            {
                _gaveUp.TrySetResult(end with { LastLines = [gone.Message] });
                return;
            }

            Restarted?.Invoke();
        }
    }

    /// <summary>Waits for the end; null when we ended it ourselves.</summary>
    private async Task<ProcessEnd?> EndAsync(Process process)
    {
        using (process)
        {
            var output = Task.WhenAll(_log.CopyAsync(process.StandardOutput), _log.CopyAsync(process.StandardError));
            try
            {
                await process.WaitForExitAsync(_stopping.Token);
            }
            catch (OperationCanceledException)
            {
                await StopAsync(process);
            }

            // It would hold the ports and the output.
            ProcessGroup.EndLeftovers(process.Id);
            guardian.Forget(process.Id);
            await Task.WhenAny(output, Task.Delay(OutputPatience));
            return _stopping.IsCancellationRequested ? null : new ProcessEnd(plan, process.ExitCode, _log.LastLines);
        }
    }

    private static async Task StopAsync(Process process)
    {
        ProcessGroup.RequestStop(process.Id);
        using var limit = new CancellationTokenSource(StopPatience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            ProcessGroup.End(process.Id);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private Process StartChild()
    {
        try
        {
            return ProcessGroup.Start(plan);
        }
        catch (ProcessStartException failure)
        {
            throw new SidecarStartException($"{failure.Message}; install it, or correct command and appDirPath in the run file.", failure);
        }
    }

    private Process Launch()
    {
        var process = StartChild();
        guardian.Watch(process.Id);
        process.StandardInput.Close();
        Pid = process.Id;
        _policy.Started();
        return process;
    }
}
