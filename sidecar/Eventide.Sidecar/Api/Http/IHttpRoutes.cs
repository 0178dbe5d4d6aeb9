using Microsoft.AspNetCore.Routing;

namespace Eventide.Sidecar.Api.Http;

/// <summary>The HTTP surface of one building block. It translates; the operation itself is the block's, shared with gRPC.</summary>
internal interface IHttpRoutes
{
    /// <summary>Maps the block's routes below /v1.0.</summary>
    void Map(IEndpointRouteBuilder routes);
}
