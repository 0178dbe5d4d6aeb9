namespace Eventide.Sidecar.NameResolution;

/// <summary>How sidecars of different processes find each other. Thread-safe.</summary>
internal interface INameResolver : IAsyncDisposable
{
    /// <summary>Tells the others where this sidecar is; disposing takes it back.</summary>
    Task RegisterAsync(string address, CancellationToken cancellationToken);

    /// <summary>Where sidecars of the app are, this one excepted: host:port of the internal endpoint. Empty when there is none.</summary>
    ValueTask<IReadOnlyList<string>> ResolveAsync(string appId, string @namespace, CancellationToken cancellationToken);
}
