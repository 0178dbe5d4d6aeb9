namespace Eventide.Sidecar;

/// <summary>One running sidecar: the building blocks, the two API surfaces, and the channel to one app. Made by <see cref="SidecarHost"/>.</summary>
public sealed class SidecarInstance : IAsyncDisposable
{
    private readonly SidecarHost _host;

    internal SidecarInstance(SidecarHost host, SidecarOptions options)
    {
        _host = host;
        Options = options;
    }

    /// <summary>What it was started with.</summary>
    public SidecarOptions Options { get; }

    /// <summary>Where the HTTP API listens.</summary>
    public Uri HttpEndpoint { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>Where the gRPC API listens.</summary>
    public Uri GrpcEndpoint { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>Completes when the app is reachable and healthy and every subscription has started (GET /v1.0/healthz answers 204).</summary>
    public Task Ready { get; private set; } = Task.CompletedTask;

    internal Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Stops delivery, drains, closes components and ports within <see cref="SidecarOptions.GracefulShutdown"/>.</summary>
    public ValueTask DisposeAsync()
    {
        _host.Remove(this);
        return ValueTask.CompletedTask;
    }
}
