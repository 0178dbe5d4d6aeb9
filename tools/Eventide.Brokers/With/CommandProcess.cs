using System.Diagnostics;
using System.Runtime.InteropServices;
using Eventide.ChildProcesses;

namespace Eventide.Brokers.With;

/// <summary>
/// The command of `with`, on our own terminal but in a process group of its own: Ctrl-C reaches us alone, and we pass it on once. It ends with us, however we
/// end.
/// </summary>
internal sealed class CommandProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);
    private readonly Guardian _guardian = new();
    private readonly Process _process;

    private CommandProcess(IReadOnlyList<string> command)
    {
        _process = ProcessGroup.StartAttached(new ProcessPlan(command[0], command, Environment.CurrentDirectory, new Dictionary<string, string>(), Log: ""));
        _guardian.Watch(_process.Id);
    }

    /// <exception cref="ProcessStartException">There is no such command.</exception>
    public static CommandProcess Start(IReadOnlyList<string> command) => new(command);

    /// <summary>Sends the signal to the command and to what it started.</summary>
    public void Forward(PosixSignal signal) => ProcessGroup.Send(_process.Id, signal switch
    {
        PosixSignal.SIGHUP => 1,
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        _ => 15,
    });

    /// <summary>Waits for its end; its exit code, or 128 and the signal's number.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            ProcessGroup.RequestStop(_process.Id);
            using var limit = new CancellationTokenSource(StopPatience);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                ProcessGroup.End(_process.Id);
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }

        ProcessGroup.EndLeftovers(_process.Id);
        _guardian.Forget(_process.Id);
        await _guardian.DisposeAsync();
        _process.Dispose();
    }
}
