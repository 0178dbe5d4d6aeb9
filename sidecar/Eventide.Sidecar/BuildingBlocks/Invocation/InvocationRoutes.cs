using Eventide.Sidecar.Api;
using Eventide.Sidecar.Api.Http;
using Eventide.Sidecar.Resiliency;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Eventide.Sidecar.BuildingBlocks.Invocation;

/// <summary>
/// Service invocation over HTTP: to the app of another sidecar of this process, or to the own app (Dapr: pkg/messaging/direct_messaging.go). Requests and
/// responses are streamed; the app's status and body pass through unchanged.
/// </summary>
internal sealed class InvocationRoutes(SidecarHost host, IResiliencyPolicies policies, SidecarOptions options) : IHttpRoutes
{
    private static readonly HashSet<string> NotForwarded = new(StringComparer.OrdinalIgnoreCase)
    {
        // Hop-by-hop (RFC 9110 section 7.6.1), recomputed, or set by the sidecar itself.
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Host", "Content-Length", "dapr-api-token", "dapr-app-id",
        "dapr-caller-app-id", "dapr-callee-app-id", "dapr-caller-namespace",
    };

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Map("/v1.0/invoke/{app}/method/{**method}", context => InvokeAsync(
            context, (string)context.GetRouteValue("app")!, context.GetRouteValue("method") as string ?? ""));
        routes.MapFallback(context => context.Request.Headers["dapr-app-id"] is [{ Length: > 0 } app]
            ? InvokeAsync(context, app, context.Request.Path.Value!.TrimStart('/'))
            : throw new ApiException(
                404, StatusCode.NotFound, "ERR_DIRECT_INVOKE", "failed getting app id either from the URL path or the header dapr-app-id"));
    }

    private async Task InvokeAsync(HttpContext context, string target, string method)
    {
        var appId = target.Split('.')[0];
        var callee = host.FindApp(appId) ?? throw Failed(target, $"couldn't find service: {target}");
        if (!callee.IsAppHealthy)
        {
            throw Failed(target, "app is not in a healthy state");
        }

        // A body can be read once, so only requests without one can be tried again by a policy.
        var repeatable = context.Request.ContentLength is null or 0 && !context.Request.Headers.ContainsKey("Transfer-Encoding");
        try
        {
            using var response = repeatable
                ? await policies.ForApp(appId, method).ExecuteAsync(async token => await SendAsync(context, callee, method, token), context.RequestAborted)
                : await SendAsync(context, callee, method, context.RequestAborted);
            await CopyAsync(response, context);
        }
        catch (HttpRequestException failure)
        {
            throw Failed(target, failure.Message);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpContext context, SidecarInstance callee, string method, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri("/" + method + context.Request.QueryString, UriKind.Relative));
        if (context.Request.ContentLength > 0 || context.Request.Headers.ContainsKey("Transfer-Encoding"))
        {
            request.Content = new StreamContent(context.Request.Body);
        }

        foreach (var (name, values) in context.Request.Headers)
        {
            if (!NotForwarded.Contains(name) && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        request.Headers.TryAddWithoutValidation("dapr-caller-app-id", options.AppId);
        request.Headers.TryAddWithoutValidation("dapr-callee-app-id", callee.Options.AppId);
        request.Headers.TryAddWithoutValidation("dapr-caller-namespace", options.Namespace);
        return await callee.App.SendAsync(request, cancellationToken);
    }

    private static async Task CopyAsync(HttpResponseMessage response, HttpContext context)
    {
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
        {
            if (!NotForwarded.Contains(name) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                context.Response.Headers[name] = values.ToArray();
            }
        }

        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static ApiException Failed(string target, string reason) =>
        new(500, StatusCode.Internal, "ERR_DIRECT_INVOKE", $"failed to invoke, id: {target}, err: {reason}");
}
