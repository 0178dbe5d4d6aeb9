namespace Eventide.Sidecar.Tests.Support;

/// <summary>A sidecar as its tests see it: two addresses. Disposing it is a clean stop.</summary>
internal interface ISidecarUnderTest : IAsyncDisposable
{
    /// <summary>Where the HTTP API listens.</summary>
    Uri HttpEndpoint { get; }

    /// <summary>Where the gRPC API listens.</summary>
    Uri GrpcEndpoint { get; }

    /// <summary>Where Prometheus reads; null when metrics are not served.</summary>
    Uri? MetricsEndpoint { get; }

    /// <summary>Completes when calls and messages reach its app.</summary>
    Task Ready { get; }

    /// <summary>Completes after somebody has asked for its end over the API.</summary>
    Task ShutdownRequested { get; }
}

/// <summary>A sidecar in this process.</summary>
internal sealed class InProcessSidecar(SidecarInstance instance) : ISidecarUnderTest
{
    public Uri HttpEndpoint => instance.HttpEndpoint;

    public Uri GrpcEndpoint => instance.GrpcEndpoint;

    public Uri? MetricsEndpoint => instance.MetricsEndpoint;

    public Task Ready => instance.Ready;

    public Task ShutdownRequested => instance.ShutdownRequested;

    public ValueTask DisposeAsync() => instance.DisposeAsync();
}
