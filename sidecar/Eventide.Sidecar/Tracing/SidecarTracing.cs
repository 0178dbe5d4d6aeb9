using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Eventide.Sidecar.Tracing;

/// <summary>
/// W3C trace context through the sidecar (Dapr: pkg/diagnostics). While somebody listens to the source, each API call is a span and what leaves the
/// sidecar is its child; otherwise the caller's context passes unchanged and no new ids are made.
/// </summary>
internal static class SidecarTracing
{
    /// <summary>The name that an OpenTelemetry set-up adds as a source.</summary>
    public const string Name = "Eventide.Sidecar";

    private static readonly ActivitySource Source = new(Name);

    /// <summary>The traceparent for what the current call sends out; null when there is none.</summary>
    public static string? TraceParent => Activity.Current switch
    {
        null => null,
        { Source.Name: Name } span => span.Id,

        // Not ours, hence not exported by us: the receiver's parent is the caller's span.
        var carrier => carrier.ParentId,
    };

    /// <summary>Middleware: makes the caller's context the current one.</summary>
    public static async Task Trace(HttpContext context, RequestDelegate next)
    {
        var parent = context.Request.Headers.TraceParent is [{ Length: > 0 } given] ? given : null;
        using var span = Start(context, parent);
        if (span is not null && context.Request.Headers.TraceState is [{ Length: > 0 } state])
        {
            span.TraceStateString = state;
        }

        await next(context);
    }

    private static Activity? Start(HttpContext context, string? parent)
    {
        if (Source.HasListeners())
        {
            return Source.StartActivity(context.Request.Path, ActivityKind.Server, parent);
        }

        return parent is null ? null : new Activity(Name).SetParentId(parent).Start();
    }
}
