using Grpc.Core;

namespace Eventide.Sidecar.AppChannel;

/// <summary>
/// The way from the sidecar to its app. It applies the app's token and the limit of concurrent calls; it never retries, that is for the caller's policy.
/// Safe for concurrent callers.
/// </summary>
internal interface IAppChannel
{
    /// <summary>False when the app has no port: nothing can be delivered to it.</summary>
    bool Exists { get; }

    /// <summary>Whether the app speaks gRPC (then <see cref="Grpc"/>), or HTTP (then <see cref="SendAsync"/>).</summary>
    bool IsGrpc { get; }

    /// <summary>For an HTTP app: sends a request whose URI is a path ("/orders?x=1"); returns at the response headers. Throws <see cref="HttpRequestException"/>.</summary>
    Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken);

    /// <summary>For a gRPC app: the invoker that adds token and limit.</summary>
    CallInvoker Grpc { get; }
}
