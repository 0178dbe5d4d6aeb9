using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Eventide.Sidecar.Api.Http;

/// <summary>Renders <see cref="ApiException"/> as Dapr's JSON error body; the content type carries no charset, as daprd's does not.</summary>
internal static class ApiErrors
{
    /// <summary>Middleware: runs the rest and turns its error into an answer.</summary>
    public static async Task Render(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (ApiException error) when (!context.Response.HasStarted)
        {
            await WriteAsync(context.Response, error);
        }
        catch (BadHttpRequestException error) when (!context.Response.HasStarted)
        {
            await WriteAsync(context.Response, Of(error, context));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller went away; there is nobody to answer.
        }
    }

    private static ApiException Of(BadHttpRequestException error, HttpContext context)
    {
        var limit = context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize;
        return new ApiException(
            error.StatusCode, StatusCode.InvalidArgument, "ERR_BODY_READ",
            error.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? $"the request is larger than {limit} bytes, this sidecar's limit; send less, or start it with a larger --max-body-size"
                : error.Message);
    }

    private static async Task WriteAsync(HttpResponse response, ApiException error)
    {
        response.StatusCode = error.HttpStatus;
        response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("errorCode", error.ErrorCode);
        json.WriteString("message", error.Message);
        if (error.Reason is not null)
        {
            WriteDetails(json, error);
        }

        json.WriteEndObject();
    }

    private static void WriteDetails(Utf8JsonWriter json, ApiException error)
    {
        json.WriteStartArray("details");
        if (error.ResourceType is not null)
        {
            json.WriteStartObject();
            json.WriteString("@type", "type.googleapis.com/google.rpc.ResourceInfo");
            json.WriteString("resource_type", error.ResourceType);
            json.WriteString("resource_name", error.ResourceName);
            json.WriteString("owner", "");
            json.WriteString("description", "");
            json.WriteEndObject();
        }

        json.WriteStartObject();
        json.WriteString("@type", "type.googleapis.com/google.rpc.ErrorInfo");
        json.WriteString("reason", error.Reason);
        json.WriteString("domain", "dapr.io");
        json.WritePropertyName("metadata");
        if (error.Metadata is null)
        {
            json.WriteNullValue();
        }
        else
        {
            json.WriteStartObject();
            foreach (var (name, value) in error.Metadata)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndArray();
    }
}
