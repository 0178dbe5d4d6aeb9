namespace Eventide.Sidecar.Hosting;

/// <summary>How far one sidecar's life has come. Thread-safe.</summary>
internal sealed class SidecarLife
{
    /// <summary>The Dapr version whose behaviour this sidecar follows, as /v1.0/metadata reports it.</summary>
    public const string Version = "1.18.0-eventide";

    private readonly TaskCompletionSource _shutdown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Components are open and the API listens.</summary>
    public bool OutboundReady { get; set; }

    /// <summary>Completes when somebody asked for a stop through the API.</summary>
    public Task ShutdownRequested => _shutdown.Task;

    /// <summary>Asks for a stop.</summary>
    public void RequestShutdown() => _shutdown.TrySetResult();
}
