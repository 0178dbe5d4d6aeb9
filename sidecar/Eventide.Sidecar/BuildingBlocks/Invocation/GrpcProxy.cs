using System.Net;
using System.Net.Http.Headers;
using Eventide.Sidecar.Api;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Eventide.Sidecar.BuildingBlocks.Invocation;

/// <summary>
/// Forwards a gRPC call of any service to the app that the metadata <c>dapr-app-id</c> names (Dapr: pkg/grpc/proxy). Messages are passed on as bytes while
/// they arrive, so all four shapes of call work, and the app's trailers are the caller's. Thread-safe.
/// </summary>
internal sealed class GrpcProxy(InvocationTargets targets, SidecarOptions options)
{
    /// <summary>Whether the request is a gRPC call.</summary>
    public static bool IsGrpc(HttpRequest request) =>
        request.Protocol == "HTTP/2" && request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Forwards the call; failures before the app answers become a gRPC status.</summary>
    public async Task ForwardAsync(HttpContext context)
    {
        try
        {
            var callee = await CalleeAsync(context);
            using var request = Request(context, callee.AppId);
            using var response = await callee.Channel.SendAsync(request, context.RequestAborted);
            await CopyAsync(response, context);
        }
        catch (RpcException failure) when (!context.Response.HasStarted)
        {
            WriteStatus(context.Response, failure.StatusCode, failure.Status.Detail);
        }
        catch (HttpRequestException failure) when (!context.Response.HasStarted)
        {
            WriteStatus(context.Response, StatusCode.Unavailable, $"failed to proxy request: {failure.Message}");
        }
        catch (Exception failure) when (failure is HttpRequestException or HttpIOException or IOException && context.Response.HasStarted)
        {
            // The stream broke in the middle; without a grpc-status the caller must see a reset, never a clean end.
            context.Abort();
        }
    }

    private async ValueTask<InvocationTarget> CalleeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var target = headers["dapr-callee-app-id"] is [{ Length: > 0 } named] ? named : headers["dapr-app-id"] is [{ Length: > 0 } app] ? app
            : throw new RpcException(new Status(
                StatusCode.Unknown, "failed to proxy request: required metadata dapr-callee-app-id or dapr-app-id not found"));
        try
        {
            var callee = await targets.FindAsync(target, InternalCalls.Is(context), context.RequestAborted);
            return callee.TakesGrpc ? callee : throw new RpcException(new Status(
                StatusCode.FailedPrecondition, $"failed to proxy request: app {target} does not speak gRPC; start it with --app-protocol grpc"));
        }
        catch (ApiException failure)
        {
            throw failure.ToRpcException();
        }
    }

    private HttpRequestMessage Request(HttpContext context, string calleeAppId)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(context.Request.Path.ToUriComponent(), UriKind.Relative))
        {
            Content = new StreamedContent(context.Request.BodyReader, context.RequestAborted),
        };
        ForwardedHeaders.ToCallee(context.Request.Headers, request, InternalCalls.Caller(context, options), calleeAppId);
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        return request;
    }

    private static async Task CopyAsync(HttpResponseMessage response, HttpContext context)
    {
        context.Response.StatusCode = (int)response.StatusCode;
        ForwardedHeaders.ToCaller(response, context.Response);
        if (response.StatusCode == HttpStatusCode.OK && !context.Response.Headers.ContainsKey("grpc-status"))
        {
            // A stream's caller may wait for the headers before the first message.
            await context.Response.StartAsync(context.RequestAborted);
        }

        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        foreach (var (name, values) in response.TrailingHeaders.NonValidated)
        {
            context.Response.AppendTrailer(name, values.ToArray());
        }
    }

    private static void WriteStatus(HttpResponse response, StatusCode code, string detail)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = ((int)code).ToString(System.Globalization.CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Uri.EscapeDataString(detail);
    }
}
