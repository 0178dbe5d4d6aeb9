using Microsoft.AspNetCore.Routing;

namespace Eventide.Sidecar.Api.Grpc;

/// <summary>A gRPC service of its own beside <c>dapr.proto.runtime.v1.Dapr</c>.</summary>
internal interface IGrpcServices
{
    /// <summary>Maps it.</summary>
    void Map(IEndpointRouteBuilder routes);
}
