using System.Text.Json;
using Eventide.Sidecar.BuildingBlocks.PubSub;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Eventide.Sidecar.Api.Http;

/// <summary>Publish over HTTP (Dapr: pkg/api/http/pubsub.go).</summary>
internal sealed class PubSubRoutes(TopicPublisher publisher) : IHttpRoutes
{
    private static readonly string[] Writes = ["POST", "PUT"];

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/v1.0/publish/{pubsub}/{**topic}", Writes, PublishAsync);
        routes.MapMethods("/v1.0/publish/bulk/{pubsub}/{**topic}", Writes, PublishManyAsync);
        routes.MapMethods("/v1.0-alpha1/publish/bulk/{pubsub}/{**topic}", Writes, PublishManyAsync);
    }

    private async Task PublishAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context);
        await publisher.PublishAsync(
            RawPath.Segment(context.Request, 2), RawPath.Rest(context.Request, 3), body, context.Request.ContentType, RequestMetadata.Of(context.Request),
            context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task PublishManyAsync(HttpContext context)
    {
        var (pubsub, topic) = (RawPath.Segment(context.Request, 3), RawPath.Rest(context.Request, 4));
        var entries = BulkBody.Read(await RequestBody.ReadAsync(context), pubsub, topic);
        var failed = await publisher.PublishManyAsync(pubsub, topic, entries, RequestMetadata.Of(context.Request), context.RequestAborted);
        if (failed.Count == 0)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteStartArray("failedEntries");
        foreach (var entry in failed)
        {
            json.WriteStartObject();
            json.WriteString("entryId", entry.EntryId);
            json.WriteString("error", entry.Error);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("errorCode", "ERR_PUBSUB_PUBLISH_MESSAGE");
        json.WriteEndObject();
    }
}
