using Eventide.Sidecar.Api;
using Eventide.Sidecar.Api.Http;
using Eventide.Sidecar.Resiliency;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Polly;
using Polly.CircuitBreaker;

namespace Eventide.Sidecar.BuildingBlocks.Invocation;

/// <summary>
/// Service invocation over HTTP: to any app, the own one too (Dapr: pkg/messaging/direct_messaging.go). Without a
/// policy both bodies are streamed; with one the request is kept in memory so that it can be sent again. The app's status and body pass through unchanged.
/// </summary>
internal sealed class InvocationRoutes(InvocationTargets targets, AppInvoker invoker, GrpcProxy proxy, IResiliencyPolicies policies, SidecarOptions options)
    : IHttpRoutes
{
    private const string PathPrefix = "/v1.0/invoke/";
    private const string PathMethod = "/method/";

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Map(PathPrefix + "{app}/method/{**method}", context =>
            InvokeAsync(context, InvocationTargets.InHeaders(context.Request.Headers) ?? (string)context.GetRouteValue("app")!, MethodOf(context)));
        routes.MapFallback("{**path}", context =>
            GrpcProxy.IsGrpc(context.Request) ? proxy.ForwardAsync(context)
            : InvocationTargets.InHeaders(context.Request.Headers) is { } app ? InvokeAsync(context, app, RawTarget(context))
            : throw new ApiException(
                404, StatusCode.NotFound, "ERR_DIRECT_INVOKE", "failed getting app id either from the URL path or the header dapr-app-id"));
    }

    private async Task InvokeAsync(HttpContext context, string target, string pathAndQuery)
    {
        var callee = await targets.FindAsync(target, InternalCalls.Is(context), context.RequestAborted);
        if (callee.NeedsOnInvoke)
        {
            await invoker.InvokeGrpcAppAsync(context, callee, pathAndQuery);
            return;
        }

        // The caller's sidecar has applied its policy already.
        var policy = InternalCalls.Is(context) ? ResiliencePipeline.Empty : policies.ForApp(callee.AppId, pathAndQuery);
        try
        {
            using var response = policy == ResiliencePipeline.Empty
                ? await StreamAsync(context, callee, pathAndQuery)
                : await SendWithPolicyAsync(context, callee, pathAndQuery, policy);
            context.Response.StatusCode = (int)response.StatusCode;
            ForwardedHeaders.ToCaller(response, context.Response);
            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (Exception failure) when (failure is HttpRequestException or BrokenCircuitException)
        {
            throw InvocationTargets.Failed(target, failure.Message);
        }
        catch (Polly.Timeout.TimeoutRejectedException)
        {
            throw InvocationTargets.Failed(target, "timeout");
        }
    }

    // A body that is streamed can be sent once only; a connection that was refused has not touched it.
    private async Task<HttpResponseMessage> StreamAsync(HttpContext context, InvocationTarget callee, string pathAndQuery) =>
        await policies.ForUnreachableApp.ExecuteAsync(
            static async (call, token) => await call.self.SendAsync(
                call.context, call.callee, call.pathAndQuery, HasBody(call.context.Request) ? new StreamContent(call.context.Request.Body) : null, token),
            (self: this, context, callee, pathAndQuery), context.RequestAborted);

    private async Task<HttpResponseMessage> SendWithPolicyAsync(HttpContext context, InvocationTarget callee, string pathAndQuery, ResiliencePipeline policy)
    {
        byte[]? body = null;
        if (HasBody(context.Request))
        {
            using var buffer = new MemoryStream();
            await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
            body = buffer.ToArray();
        }

        try
        {
            return await policy.ExecuteAsync(async token =>
            {
                var response = await SendAsync(context, callee, pathAndQuery, body is null ? null : new ByteArrayContent(body), token);
                return await AppAnsweredException.ThrowIfErrorAsync(response, token);
            }, context.RequestAborted);
        }
        catch (AppAnsweredException answer)
        {
            return answer.Response;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpContext context, InvocationTarget callee, string pathAndQuery, HttpContent? content, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(pathAndQuery, UriKind.Relative)) { Content = content };
        ForwardedHeaders.ToCallee(context.Request.Headers, request, InternalCalls.Caller(context, options), callee.AppId);
        return await callee.Channel.SendAsync(request, cancellationToken);
    }

    // Taken from the request line, because the route value is decoded and would not survive being encoded again.
    private static string MethodOf(HttpContext context)
    {
        var raw = RawTarget(context);
        var at = raw.IndexOf(PathMethod, PathPrefix.Length, StringComparison.Ordinal);
        return at < 0 ? "/" : raw[(at + PathMethod.Length - 1)..];
    }

    private static string RawTarget(HttpContext context)
    {
        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return raw.StartsWith('/') ? raw : new Uri(raw).PathAndQuery;
    }

    private static bool HasBody(HttpRequest request) => request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;
}
