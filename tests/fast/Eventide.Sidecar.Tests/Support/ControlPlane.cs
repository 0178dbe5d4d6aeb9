namespace Eventide.Sidecar.Tests.Support;

/// <summary>Dapr's placement and scheduler as processes, which daprd needs for workflows.</summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    private readonly List<ChildProcess> _processes = [];

    private ControlPlane(string executables, string folder)
    {
        var (placement, scheduler) = (DaprdProcess.FreePort(), DaprdProcess.FreePort());
        Start(executables, folder, "placement", placement, []);
        Start(executables, folder, "scheduler", scheduler, [$"--override-broadcast-host-port=127.0.0.1:{scheduler}", $"--etcd-data-dir={Path.Combine(folder, "scheduler")}"]);
        Flags = [$"--placement-host-address=127.0.0.1:{placement}", $"--scheduler-host-address=127.0.0.1:{scheduler}"];
    }

    /// <summary>What daprd is told about it.</summary>
    public IReadOnlyList<string> Flags { get; }

    /// <summary>Starts it where the executable under test needs it; null where it does not.</summary>
    public static ControlPlane? Start(string folder) => Target.ControlPlane is { } executables ? new ControlPlane(executables, folder) : null;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Signal(Processes.Terminate);
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
            await process.DisposeAsync();
        }
    }

    private void Start(string executables, string folder, string name, int port, string[] more) => _processes.Add(new ChildProcess(
        folder,
        [
            Path.Combine(executables, name), $"--port={port}", "--listen-address=127.0.0.1", $"--healthz-port={DaprdProcess.FreePort()}",
            $"--metrics-port={DaprdProcess.FreePort()}", .. more,
        ],
        []));
}
