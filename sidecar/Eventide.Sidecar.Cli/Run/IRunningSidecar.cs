namespace Eventide.Sidecar.Cli.Run;

/// <summary>The sidecar of one app process, whichever program it is. It stops with its source, or when it is disposed.</summary>
internal interface IRunningSidecar : IAsyncDisposable
{
    /// <summary>Completes when the app is healthy and all its subscriptions are in place; fails when that will never be.</summary>
    Task WaitUntilReadyAsync(CancellationToken cancellationToken);

    /// <summary>Lets nothing new reach the app and returns when it has ended what it had in hand; its calls go on.</summary>
    Task DrainAsync();
}

/// <summary>Starts sidecars. Disposing it stops them.</summary>
internal interface ISidecarSource : IAsyncDisposable
{
    /// <summary>Completes, with a sentence for the user, when a sidecar ended and is not started again.</summary>
    Task<string> Failed { get; }

    /// <summary>Starts the sidecar of one app process; returns when it serves its API.</summary>
    /// <exception cref="Hosting.SidecarStartException">A resource file is wrong, or a port is taken.</exception>
    Task<IRunningSidecar> StartAsync(AppPlan plan, CancellationToken cancellationToken);
}
