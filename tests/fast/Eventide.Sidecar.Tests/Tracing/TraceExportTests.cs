using Eventide.Sidecar.Tests.Support;
using Eventide.TestSupport.Tracing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Eventide.Sidecar.Tests.Tracing;

/// <summary>What a sidecar exports over OTLP, as a collector receives it.</summary>
public sealed class TraceExportTests : IAsyncLifetime
{
    private const string TraceId = "5bf92f3577b34da6a3ce929d0e0e4737";
    private const string CallersSpan = "00f067aa0ba902b7";

    private readonly Sidecars _sidecars = new Sidecars().Component("pubsub", "pubsub.in-memory");
    private readonly TaskCompletionSource<string> _delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OtlpReceiver _receiver = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _receiver = await OtlpReceiver.StartAsync(Cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _sidecars.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task One_trace_runs_from_the_callers_span_through_publish_and_delivery_to_the_subscriber()
    {
        using var http = await StartAsync(samplingRate: "1");

        await PublishAsync(http, flags: "01");
        var delivered = await _delivered.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel);

        // Disposing sends what the exporter still holds.
        await _sidecars.Host.DisposeAsync();
        var trace = await _receiver.WaitForTraceAsync(TraceId, trace => trace.Spans.Count == 2, Cancel);
        var publish = trace.Spans.Single(span => span.Name == "/v1.0/publish/pubsub/orders");
        var delivery = trace.Spans.Single(span => span.Name == "pubsub/orders");
        Assert.Equal(CallersSpan, publish.ParentSpanId);
        Assert.Equal(publish.SpanId, delivery.ParentSpanId);
        Assert.Equal($"00-{TraceId}-{delivery.SpanId}-01", delivered);
        Assert.Equal(("traced", true), (publish.Service, publish.IsFromSidecar));
        Assert.Equal("204", publish.Attributes["http.response.status_code"]);
    }

    [Fact]
    public async Task What_the_caller_did_not_sample_is_not_exported_and_its_context_passes_unchanged()
    {
        using var http = await StartAsync(samplingRate: "1");

        await PublishAsync(http, flags: "00");

        Assert.Equal($"00-{TraceId}-{CallersSpan}-00", await _delivered.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
        await _sidecars.Host.DisposeAsync();
        Assert.DoesNotContain(_receiver.Spans, span => span.TraceId == TraceId);
    }

    [Fact]
    public async Task A_sampling_rate_of_0_turns_tracing_off()
    {
        using var http = await StartAsync(samplingRate: "0");

        await PublishAsync(http, flags: "01");

        Assert.Equal($"00-{TraceId}-{CallersSpan}-01", await _delivered.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
        await _sidecars.Host.DisposeAsync();
        Assert.Empty(_receiver.Spans);
    }

    private async Task<HttpClient> StartAsync(string samplingRate)
    {
        var config = Path.Combine(_sidecars.Folder, "config.yaml");
        await File.WriteAllTextAsync(config, $"""
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata:
              name: tracing
            spec:
              tracing:
                samplingRate: "{samplingRate}"
                otel:
                  endpointAddress: {_receiver.Endpoint.Authority}
                  isSecure: false
                  protocol: http
            """, Cancel);
        var app = await _sidecars.AppAsync(TestApp.HttpAsync(web =>
        {
            web.MapGet("/dapr/subscribe", () => Results.Json(new[] { new { pubsubname = "pubsub", topic = "orders", route = "/orders" } }));
            web.MapPost("/orders", (HttpContext context) =>
            {
                _delivered.TrySetResult(context.Request.Headers.TraceParent.ToString());
            });
        }));
        var sidecar = await _sidecars.StartReadyAsync("traced", app, options => options with { ConfigPaths = [config] });
        return new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = sidecar.HttpEndpoint };
    }

    private static async Task PublishAsync(HttpClient http, string flags)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1.0/publish/pubsub/orders") { Content = new StringContent("7") };
        request.Headers.Add("traceparent", $"00-{TraceId}-{CallersSpan}-{flags}");
        using var response = await http.SendAsync(request, Cancel);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, response.StatusCode);
    }
}
