namespace Eventide.Sidecar.Hosting;

/// <summary>
/// One of Dapr's building blocks as the sidecar's life sees it. The order of calls is Dapr's own (Dapr: pkg/runtime/runtime.go):
/// components are opened before the API listens, messages flow only once the app is healthy, and a stop drains before it closes.
/// </summary>
internal interface IBuildingBlock
{
    /// <summary>Opens what the block needs. The API does not listen yet. Throws <see cref="SidecarStartException"/> to stop the start.</summary>
    Task InitializeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The app answers and is healthy: subscribe, dispatch, deliver. Called again after each recovery.</summary>
    Task AppReadyAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The app turned unhealthy, or the sidecar is stopping: stop delivering and wait for what is in flight.</summary>
    Task AppUnreadyAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Closes what <see cref="InitializeAsync"/> opened. Called once, after <see cref="AppUnreadyAsync"/>.</summary>
    Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
