using System.Diagnostics;
using Eventide.Tools;
using Eventide.Tools.Shops;

namespace Eventide.Scaling.Local.Shops;

/// <summary>A shop of `make run`, or one of a test, found by its data folder.</summary>
internal sealed class RunningShop(string data) : IRunningShop
{
    // Within one step of a file system's clock a file can be written twice, with the same time.
    private static readonly TimeSpan ClockStep = TimeSpan.FromSeconds(2);
    private readonly Lock _lock = new();
    private (DateTime WrittenAt, RunState State)? _read;

    /// <summary>What runs.</summary>
    /// <exception cref="ToolException">No shop runs there.</exception>
    public RunState State => Read() is { } state && IsRunning(state.Pid) ? state : throw new ToolException(
        $"No shop runs in {Path.GetFullPath(data)}. Start it with `make run` in another terminal; with DATA=DIR, give the same to both.");

    /// <inheritdoc/>
    public IReadOnlyList<Replica> Replicas(string appId) =>
    [
        .. State.Apps.Where(app => app.AppId == appId).OrderBy(app => app.Replica)
            .Select(app => new Replica(app.Pid, app.StartedAt ?? DateTimeOffset.MinValue, app.ReadyAt ?? DateTimeOffset.MinValue)),
    ];

    /// <inheritdoc/>
    public Task ScaleAsync(string appId, int processes, CancellationToken cancellationToken) =>
        RunControl.ScaleAsync(State, new Dictionary<string, int> { [appId] = processes }, cancellationToken);

    // It is asked many times a second and changes rarely.
    private RunState? Read()
    {
        lock (_lock)
        {
            var writtenAt = File.GetLastWriteTimeUtc(RunState.FileIn(data));
            if (_read is not { } read || read.WrittenAt != writtenAt)
            {
                var isOld = DateTime.UtcNow - writtenAt > ClockStep;
                _read = RunState.TryRead(data) is { } state ? (isOld ? writtenAt : DateTime.MinValue, state) : null;
            }

            return _read?.State;
        }
    }

    // A run that was killed leaves its file behind.
    private static bool IsRunning(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
