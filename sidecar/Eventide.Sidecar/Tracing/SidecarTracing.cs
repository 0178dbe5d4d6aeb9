using System.Diagnostics;
using Eventide.Sidecar.Configuration;
using Microsoft.AspNetCore.Http;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Eventide.Sidecar.Tracing;

/// <summary>
/// W3C trace context through one sidecar (Dapr: pkg/diagnostics). While its spans are exported or listened to, each API call and each delivery is a span,
/// and what leaves the sidecar is that span's child; otherwise, and for calls that are not sampled, the caller's context passes unchanged: a span id that
/// nobody exports would be a broken edge. Thread-safe.
/// </summary>
internal sealed class SidecarTracing(SidecarOptions options, SidecarConfiguration configuration) : IDisposable
{
    /// <summary>The start of each sidecar's source name; what follows tells the sidecars of one process apart.</summary>
    public const string Name = "Eventide.Sidecar";

    // Streams that stay open as long as the app, and a worker's answers, which belong to no caller.
    private static readonly HashSet<string> Untraced = new(StringComparer.OrdinalIgnoreCase)
    {
        "/v1.0/healthz", "/v1.0/healthz/outbound", "/TaskHubSidecarService/Hello", "/TaskHubSidecarService/GetWorkItems",
        "/TaskHubSidecarService/CompleteActivityTask", "/TaskHubSidecarService/CompleteOrchestratorTask", "/TaskHubSidecarService/CompleteWorkflowTask",
        "/dapr.proto.runtime.v1.Dapr/SubscribeTopicEventsAlpha1", "/dapr.proto.runtime.v1.Dapr/SubscribeConfiguration",
    };

    private static int _count;
    private readonly ActivitySource _source = new($"{Name}.{options.AppId}.{Interlocked.Increment(ref _count)}");
    private TracerProvider? _provider;

    /// <summary>The traceparent for what the current call sends out; null when there is none.</summary>
    public static string? TraceParent => Of(Activity.Current);

    /// <summary>Starts to export when the configuration or the environment says where to. Call it once.</summary>
    public void Start() => _provider = TraceExport.Create(_source.Name, options, configuration.Tracing);

    /// <summary>Middleware: makes the caller's context, or a span of our own, the current one.</summary>
    public async Task TraceAsync(HttpContext context, RequestDelegate next)
    {
        var parent = context.Request.Headers.TraceParent is [{ Length: > 0 } given] ? given : null;
        using var span = Untraced.Contains(context.Request.Path.Value ?? "") ? null : Begin(context.Request.Path, ActivityKind.Server, parent);
        if (span is not null && context.Request.Headers.TraceState is [{ Length: > 0 } state])
        {
            span.TraceStateString = state;
        }

        await next(context);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("http.request.method", context.Request.Method).SetTag("http.response.status_code", context.Response.StatusCode);
            if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError)
            {
                span.SetStatus(ActivityStatusCode.Error);
            }
        }
    }

    /// <summary>The span of one attempt to bring a message to the app; its parent is what published the message.</summary>
    public Activity? BeginDelivery(string pubsub, string topic, string? parent)
    {
        var span = Begin($"pubsub/{topic}", ActivityKind.Client, parent);
        span?.SetTag("messaging.system", "pubsub").SetTag("messaging.destination.name", topic).SetTag("dapr.pubsub", pubsub);
        return span;
    }

    /// <summary>The traceparent for what is sent within <paramref name="span"/>.</summary>
    public static string? Of(Activity? span) => span is { Recorded: true } && span.Source.Name.StartsWith(Name, StringComparison.Ordinal)
        ? span.Id

        // Not ours, or not exported: the receiver's parent is the caller's span.
        : span?.ParentId;

    /// <inheritdoc/>
    public void Dispose()
    {
        _provider?.Dispose();
        _source.Dispose();
    }

    private Activity? Begin(string name, ActivityKind kind, string? parent)
    {
        // A null parent would take whatever is current, such as the web server's own activity, which nobody exports.
        var context = ActivityContext.TryParse(parent, null, isRemote: true, out var given) ? given : default;
        var before = Activity.Current;
        Activity.Current = null;
        var span = _source.HasListeners() ? _source.StartActivity(kind, context, name: name) : null;
        if (span is null && parent is not null)
        {
            span = new Activity(name).SetParentId(parent).Start();
        }

        Activity.Current = span ?? before;
        return span;
    }
}
