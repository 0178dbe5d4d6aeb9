using System.Net.Http;

namespace Eventide.ServiceDefaults.SignIn;

/// <summary>
/// Shows DAPR_API_TOKEN to the sidecar with every call. DaprClient does it by itself, but not when it saves or deletes many documents at once (dapr/dotnet-sdk issues
/// 1282 and 1762). Thread-safe.
/// </summary>
internal sealed class ApiTokenHandler(string token) : DelegatingHandler(new SocketsHttpHandler { EnableMultipleHttp2Connections = true })
{
    private const string Header = "dapr-api-token";

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Headers.Contains(Header))
        {
            request.Headers.Add(Header, token);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
