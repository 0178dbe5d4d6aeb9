using Eventide.Sidecar.BuildingBlocks.PubSub;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Eventide.Sidecar.Api.Http;

/// <summary>Publish over HTTP (Dapr: pkg/api/http/pubsub.go).</summary>
internal sealed class PubSubRoutes(PubSubBlock block) : IHttpRoutes
{
    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes) => routes.MapMethods("/v1.0/publish/{pubsub}/{**topic}", ["POST", "PUT"], async context =>
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        await block.PublishAsync(
            (string)context.GetRouteValue("pubsub")!, context.GetRouteValue("topic") as string ?? "", body.ToArray(), context.Request.ContentType,
            RequestMetadata.Of(context.Request), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    });
}
