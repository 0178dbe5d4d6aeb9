using System.Net;
using Eventide.Sidecar.AppChannel;
using Grpc.Core;

namespace Eventide.Sidecar.BuildingBlocks.Invocation;

/// <summary>
/// The way to an app of another process: over HTTP/2 to the internal endpoint of its sidecar, as the call that this sidecar was asked for. Safe for concurrent
/// callers.
/// </summary>
internal sealed class RemoteSidecar(string appId, string address, HttpMessageInvoker http) : IAppChannel
{
    /// <inheritdoc/>
    public bool Exists => true;

    /// <inheritdoc/>
    public bool IsGrpc => false;

    /// <inheritdoc/>
    public CallInvoker Grpc => throw new InvalidOperationException("Calls to another sidecar are passed on as they are.");

    /// <inheritdoc/>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var isGrpc = request.Content is StreamedContent;
        var path = request.RequestUri!.OriginalString;
        request.RequestUri = new Uri($"http://{address}{(isGrpc ? "" : $"/v1.0/invoke/{appId}/method")}{path}");
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return http.SendAsync(request, cancellationToken);
    }
}
