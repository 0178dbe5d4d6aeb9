using Eventide.Sidecar.Hosting;
using Microsoft.AspNetCore.Http;

namespace Eventide.Sidecar.BuildingBlocks.Invocation;

/// <summary>
/// The internal endpoint: sidecars of other processes call the app through it, and nothing else is served there. It asks for no token, as daprd's does not
/// without mTLS; it listens on this machine only.
/// </summary>
internal static class InternalCalls
{
    private static readonly object Marker = new();

    /// <summary>Whether the call came from another sidecar.</summary>
    public static bool Is(HttpContext context) => context.Items.ContainsKey(Marker);

    /// <summary>Marks such calls, and answers 404 to everything else on that port.</summary>
    public static async Task AdmitAsync(HttpContext context, int? port, RequestDelegate next)
    {
        if (port is null || context.Connection.LocalPort != port)
        {
            await next(context);
            return;
        }

        var path = context.Request.Path;
        var isCall = GrpcProxy.IsGrpc(context.Request)
            ? !path.StartsWithSegments("/dapr.proto.runtime.v1.Dapr", StringComparison.Ordinal) && !path.StartsWithSegments("/TaskHubSidecarService", StringComparison.Ordinal)
            : path.StartsWithSegments("/v1.0/invoke", StringComparison.Ordinal);
        if (!isCall)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Items[Marker] = Marker;
        await next(context);
    }

    /// <summary>Who calls: the app of this sidecar, or, for a call from another sidecar, whom that one names.</summary>
    public static (string AppId, string Namespace) Caller(HttpContext context, SidecarOptions options) => Is(context)
        ? (context.Request.Headers["dapr-caller-app-id"].ToString(), context.Request.Headers["dapr-caller-namespace"].ToString())
        : (options.AppId, options.Namespace);
}
