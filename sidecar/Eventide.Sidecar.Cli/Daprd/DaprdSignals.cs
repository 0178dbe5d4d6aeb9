using System.Runtime.InteropServices;

namespace Eventide.Sidecar.Cli.Daprd;

/// <summary>What a signal asks of daprd.</summary>
internal enum DaprdSignal
{
    /// <summary>SIGINT or SIGTERM.</summary>
    Stop,

    /// <summary>SIGHUP: start anew inside the process.</summary>
    Restart,
}

/// <summary>
/// daprd's signals: the first SIGINT or SIGTERM asks for a stop, the second one ends the process with code 1; SIGHUP asks for a restart. Thread-safe.
/// </summary>
internal sealed class DaprdSignals : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Action _force;
    private readonly List<PosixSignalRegistration> _registrations;
    private TaskCompletionSource<DaprdSignal> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isStopping;

    /// <param name="force">Called before the process is ended by force.</param>
    public DaprdSignals(Action force)
    {
        _force = force;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Restart),
        ];
    }

    /// <summary>The first signal since the last restart.</summary>
    public Task<DaprdSignal> NextAsync()
    {
        lock (_lock)
        {
            if (_next.Task.IsCompleted)
            {
                _next = new TaskCompletionSource<DaprdSignal>(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            // A stop that came while the restart was under way.
            if (_isStopping)
            {
                _next.SetResult(DaprdSignal.Stop);
            }

            return _next.Task;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        lock (_lock)
        {
            if (!_isStopping)
            {
                _isStopping = true;
                _next.TrySetResult(DaprdSignal.Stop);
                return;
            }
        }

        _force();
        Environment.Exit(1);
    }

    private void Restart(PosixSignalContext signal)
    {
        signal.Cancel = true;
        lock (_lock)
        {
            _next.TrySetResult(DaprdSignal.Restart);
        }
    }
}
