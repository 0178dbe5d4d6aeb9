using Dapr.Client;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Brokers.Tests.PubSub;

/// <summary>One running copy of an app with its sidecar. <see cref="Sidecars"/> owns both.</summary>
internal sealed class Replica(string appId, Inbox inbox, ISidecarUnderTest sidecar, DaprClient client) : IDisposable
{
    public string AppId => appId;

    public Inbox Inbox => inbox;

    public ISidecarUnderTest Sidecar => sidecar;

    /// <summary>The official client at its sidecar.</summary>
    public DaprClient Client => client;

    /// <summary>The numbers that arrived so far, in the order of arrival.</summary>
    public IReadOnlyList<int> Numbers => [.. inbox.Deliveries.Select(delivery => delivery.Number)];

    /// <summary>A clean stop of the sidecar.</summary>
    public ValueTask StopAsync() => sidecar.DisposeAsync();

    /// <summary>SIGKILL, of a sidecar that is a process.</summary>
    public Task KillAsync() => ((DaprdProcess)sidecar).KillAsync();

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();
}
