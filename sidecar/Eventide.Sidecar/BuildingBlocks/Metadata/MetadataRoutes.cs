using Eventide.Sidecar.Api;
using Eventide.Sidecar.Api.Http;
using Eventide.Sidecar.AppChannel;
using Eventide.Sidecar.Hosting;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Eventide.Sidecar.BuildingBlocks.Metadata;

/// <summary>Health, metadata and shutdown (Dapr: pkg/api/http/health.go, metadata.go).</summary>
internal sealed class MetadataRoutes(MetadataDescription description, AppHealth app, SidecarLife life, SidecarOptions options) : IHttpRoutes
{
    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1.0/healthz", Healthz);
        routes.MapGet("/v1.0/healthz/outbound", () => life.OutboundReady
            ? Results.NoContent()
            : throw new ApiException(500, StatusCode.Unavailable, "ERR_OUTBOUND_HEALTH_NOT_READY", "dapr outbound is not ready"));
        routes.MapGet("/v1.0/metadata", (HttpContext context) =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(description.Describe().ToJsonString());
        });
        routes.MapPut("/v1.0/metadata/{key}", async (string key, HttpContext context) =>
        {
            using var body = new StreamReader(context.Request.Body);
            description.Set(key, await body.ReadToEndAsync(context.RequestAborted));
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        routes.MapPost("/v1.0/shutdown", () =>
        {
            life.RequestShutdown();
            return Results.NoContent();
        });
    }

    private IResult Healthz(HttpContext context)
    {
        if (context.Request.Query["appid"] is [{ Length: > 0 } asked] && asked != options.AppId)
        {
            throw new ApiException(500, StatusCode.Unavailable, "ERR_HEALTH_APPID_NOT_MATCH", "dapr app-id does not match");
        }

        return app.Ready.IsCompletedSuccessfully
            ? Results.NoContent()
            : throw new ApiException(500, StatusCode.Unavailable, "ERR_HEALTH_NOT_READY", "dapr is not ready: [app]");
    }
}
