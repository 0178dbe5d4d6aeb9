using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Eventide.Sidecar.Api.Http;

/// <summary>
/// The routes of daprd's HTTP API that the embedded sidecar does not serve: 501 with one sentence, instead of a 404 that reads like a wrong path
/// (Dapr: pkg/api/http).
/// </summary>
internal sealed class UnservedRoutes : IHttpRoutes
{
    private static readonly (string Pattern, string Api)[] Unserved =
    [
        ("/v1.0/bindings/{name}", "The bindings API"),
        ("/v1.0/configuration/{**rest}", "The configuration API"),
        ("/v1.0-alpha1/configuration/{**rest}", "The configuration API"),
        ("/v1.0-alpha1/lock/{store}", "The distributed lock API"),
        ("/v1.0-alpha1/unlock/{store}", "The distributed lock API"),
        ("/v1.0/actors/{**rest}", "The actors API"),
        ("/v1.0/jobs/{**rest}", "The jobs API"),
        ("/v1.0-alpha1/jobs/{**rest}", "The jobs API"),
        ("/v1.0-alpha1/crypto/{**rest}", "The cryptography API"),
        ("/v1.0-alpha1/subtlecrypto/{**rest}", "The cryptography API"),
        ("/v1.0-alpha1/conversation/{**rest}", "The conversation API"),
        ("/v1.0-alpha2/conversation/{**rest}", "The conversation API"),
    ];

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (pattern, api) in Unserved)
        {
            routes.Map(pattern, _ => throw new ApiException(
                501, StatusCode.Unimplemented, "ERR_NOT_IMPLEMENTED", $"{api} is not served by the embedded sidecar; use daprd for it"));
        }
    }
}
