namespace Eventide.Sidecar.Cli.Run;

/// <summary>The sidecar of one app process, whichever program it is. Disposing it stops it.</summary>
internal interface IRunningSidecar : IAsyncDisposable
{
    /// <summary>Completes when the app is healthy and all its subscriptions are in place; fails when that will never be.</summary>
    Task WaitUntilReadyAsync(CancellationToken cancellationToken);
}

/// <summary>Starts sidecars. Disposing it ends what they share.</summary>
internal interface ISidecarSource : IAsyncDisposable
{
    /// <summary>Starts the sidecar of one app process; returns when it serves its API.</summary>
    /// <exception cref="Hosting.SidecarStartException">A resource file is wrong, or a port is taken.</exception>
    Task<IRunningSidecar> StartAsync(AppPlan plan, CancellationToken cancellationToken);
}
