using System.Diagnostics;
using System.Text;
using Eventide.Sidecar.Api;
using Eventide.Sidecar.BuildingBlocks.Invocation;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace Eventide.Sidecar.Metrics;

/// <summary>
/// What one sidecar counts, under Dapr's names (Dapr: pkg/diagnostics), in Prometheus' text format on the metrics port; what Dapr has no name for begins with
/// eventide. A request may name the metrics that it wants, as Prometheus' own exporters take it: ?name[]=…. Nothing is counted where nobody can ask. Thread-safe.
/// </summary>
internal sealed class SidecarMetrics(SidecarOptions options, SidecarConfiguration configuration, TimeProvider time)
{
    private readonly Counter _http = new("dapr_http_server_request_count", "HTTP requests, by route.", "method", "path", "status");
    private readonly Latency _httpLatency = new("dapr_http_server_latency", "Time to the answer of an HTTP request, ms.", "method", "path");
    private readonly Counter _grpc = new("dapr_grpc_io_server_completed_rpcs", "gRPC calls that have ended.", "grpc_server_method", "grpc_server_status");
    private readonly Latency _grpcLatency = new("dapr_grpc_io_server_server_latency", "Time to the end of a gRPC call, ms.", "grpc_server_method");
    private readonly Counter _invoked = new("dapr_runtime_service_invocation_req_sent_total", "Calls to other apps.", "dst_app_id");
    private readonly Counter _errors = new("dapr_error_code_total", "Errors of the API, by code.", "category", "error_code");
    private readonly Counter _components = new("dapr_runtime_component_loaded", "Components that were opened.");
    private readonly Counter _ingress = new("dapr_component_pubsub_ingress_count", "Deliveries to the app.", "component", "topic", "process_status");
    private readonly Latency _ingressLatency = new("dapr_component_pubsub_ingress_latencies", "Time that the app took for a delivery, ms.", "component", "topic");
    private readonly Counter _egress = new("dapr_component_pubsub_egress_count", "Messages published.", "component", "topic", "success");
    private readonly Latency _egressLatency = new("dapr_component_pubsub_egress_latencies", "Time until the broker had a message, ms.", "component", "topic");
    private readonly Counter _state = new("dapr_component_state_count", "Operations on state stores.", "component", "operation", "success");
    private readonly Latency _stateLatency = new("dapr_component_state_latencies", "Time of an operation on a state store, ms.", "component", "operation");

    private readonly Gauge _backlog = new(
        "eventide_pubsub_backlog_messages", "Messages that the app's consumer group has not acknowledged: waiting, or in_hand of a handler.", "component", "topic", "state");

    /// <summary>Whether anybody can ask.</summary>
    public bool IsEnabled { get; } = options.MetricsPort is not null && configuration.MetricsEnabled;

    /// <summary>A component was opened.</summary>
    public void ComponentLoaded() => _components.Add(new Labels(""));

    /// <summary>An operation on a state store has ended.</summary>
    public void State(string store, string operation, bool success, long begin) =>
        Add(_state, new Labels(store, operation, Word(success)), _stateLatency, new Labels(store, operation), begin);

    /// <summary>Messages were published, or not.</summary>
    public void Published(string pubsub, string topic, bool success, long begin, int count = 1) =>
        Add(_egress, new Labels(pubsub, topic, Word(success)), _egressLatency, new Labels(pubsub, topic), begin, count);

    /// <summary>The app has subscribed: from now on the backlog of its consumer group is told, also while the app is away.</summary>
    public void Subscribed(string pubsub, string topic, Func<Backlog> backlog)
    {
        _backlog.Watch(new Labels(pubsub, topic, "waiting"), () => backlog().Waiting);
        _backlog.Watch(new Labels(pubsub, topic, "in_hand"), () => backlog().InHand);
    }

    /// <summary>A delivery has ended.</summary>
    /// <param name="status">success, retry or drop.</param>
    public void Delivered(string pubsub, string topic, string status, long begin) =>
        Add(_ingress, new Labels(pubsub, topic, status), _ingressLatency, new Labels(pubsub, topic), begin);

    /// <summary>Now, for the beginning of what is measured.</summary>
    public long Now() => IsEnabled ? time.GetTimestamp() : 0;

    /// <summary>Middleware: counts the request, and answers it when it came to the metrics port.</summary>
    public async Task CountAsync(HttpContext context, int? metricsPort, RequestDelegate next)
    {
        if (metricsPort is not null && context.Connection.LocalPort == metricsPort)
        {
            context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            await context.Response.WriteAsync(Render(context.Request.Query["name[]"]));
            return;
        }

        if (!IsEnabled)
        {
            await next(context);
            return;
        }

        var begin = time.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            Count(context, time.GetElapsedTime(begin));
        }
    }

    /// <summary>Middleware behind the one that renders errors: counts them by code.</summary>
    public async Task CountErrorsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (ApiException error) when (IsEnabled)
        {
            _errors.Add(new Labels(error.ResourceType ?? "common", error.Reason ?? error.ErrorCode));
            throw;
        }
    }

    private void Count(HttpContext context, TimeSpan duration)
    {
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "";
        if (context.GetRouteValue("app") is string callee)
        {
            _invoked.Add(new Labels(callee));
        }

        if (GrpcProxy.IsGrpc(context.Request))
        {
            // A proxied method is the app's; only the API's own names are few.
            var method = context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: ['/', ..] known } ? known[1..] : "proxied";
            var status = context.Response.Headers["grpc-status"] is [{ } early] ? early
                : context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpResponseTrailersFeature>()?.Trailers["grpc-status"] is [{ } late] ? late : "0";
            _grpc.Add(new Labels(method, status));
            _grpcLatency.Add(new Labels(method), duration);
            return;
        }

        _http.Add(new Labels(context.Request.Method, route, context.Response.StatusCode.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        _httpLatency.Add(new Labels(context.Request.Method, route), duration);
    }

    private string Render(StringValues names)
    {
        var text = new StringBuilder();
        Metric[] all =
        [
            _http, _httpLatency, _grpc, _grpcLatency, _invoked, _errors, _components, _ingress, _ingressLatency, _egress, _egressLatency, _state, _stateLatency, _backlog,
        ];
        foreach (var metric in all.Where(metric => names.Count == 0 || names.Contains(metric.Name)))
        {
            metric.Write(text, options.AppId);
        }

        if (names.Count > 0)
        {
            return text.ToString();
        }

        using var process = Process.GetCurrentProcess();
        var start = new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0;
        return text.Append($"# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes {process.WorkingSet64}\n")
            .Append($"# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total {process.TotalProcessorTime.TotalSeconds}\n")
            .Append($"# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds {start}\n").ToString();
    }

    private void Add(Counter counter, Labels counted, Latency latency, Labels timed, long begin, int count = 1)
    {
        if (IsEnabled)
        {
            counter.Add(counted, count);
            latency.Add(timed, time.GetElapsedTime(begin));
        }
    }

    private static string Word(bool success) => success ? "true" : "false";
}
