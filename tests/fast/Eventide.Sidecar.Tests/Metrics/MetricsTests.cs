using System.Net;
using Eventide.Sidecar.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Eventide.Sidecar.Tests.Metrics;

/// <summary>What Prometheus reads from the metrics port.</summary>
public sealed class MetricsTests : IAsyncDisposable
{
    private readonly Sidecars _sidecars = new Sidecars().Component("pubsub", "pubsub.in-memory").Component("store", "state.in-memory");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _sidecars.DisposeAsync();

    [Fact]
    public async Task Calls_deliveries_state_and_errors_are_counted_under_Daprs_names()
    {
        var sidecar = await StartAsync(metricsPort: 0);
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        using var dapr = _sidecars.Client(sidecar);
        (await http.PostAsync("/v1.0/publish/pubsub/orders", new StringContent("7"), Cancel)).EnsureSuccessStatusCode();
        await dapr.SaveStateAsync("store", "key", 1, cancellationToken: Cancel);
        await http.GetAsync("/v1.0/invoke/shop/method/orders?x=1", Cancel);
        await http.GetAsync("/v1.0/state/nosuchstore/key", Cancel);

        await Wait.UntilAsync(async () => (await ScrapeAsync(sidecar)).Contains("process_status=\"success\"} 1", StringComparison.Ordinal));
        var metrics = await ScrapeAsync(sidecar);

        Assert.Contains("dapr_runtime_component_loaded{app_id=\"shop\"} 2\n", metrics);
        Assert.Contains("dapr_component_pubsub_egress_count{app_id=\"shop\",component=\"pubsub\",topic=\"orders\",success=\"true\"} 1\n", metrics);
        Assert.Contains("dapr_component_pubsub_ingress_count{app_id=\"shop\",component=\"pubsub\",topic=\"orders\",process_status=\"success\"} 1\n", metrics);
        Assert.Contains("dapr_component_state_count{app_id=\"shop\",component=\"store\",operation=\"transaction\",success=\"true\"} 1\n", metrics);
        Assert.Contains("dapr_grpc_io_server_completed_rpcs{app_id=\"shop\",grpc_server_method=\"dapr.proto.runtime.v1.Dapr/SaveState\",grpc_server_status=\"0\"} 1\n", metrics);
        Assert.Contains("dapr_http_server_request_count{app_id=\"shop\",method=\"POST\",path=\"/v1.0/publish/{pubsub}/{**topic}\",status=\"204\"} 1\n", metrics);
        Assert.Contains("dapr_http_server_latency_count{app_id=\"shop\",method=\"POST\",path=\"/v1.0/publish/{pubsub}/{**topic}\"} 1\n", metrics);
        Assert.Contains("dapr_runtime_service_invocation_req_sent_total{app_id=\"shop\",dst_app_id=\"shop\"} 1\n", metrics);
        Assert.Contains("dapr_error_code_total{app_id=\"shop\",category=\"state\",error_code=\"DAPR_STATE_NOT_FOUND\"} 1\n", metrics);
        Assert.Contains("\nprocess_resident_memory_bytes ", metrics);
    }

    [Fact]
    public async Task The_metrics_port_serves_metrics_and_the_API_port_does_not()
    {
        var sidecar = await StartAsync(metricsPort: 0);
        using var http = new HttpClient();

        using var onMetrics = await http.GetAsync(new Uri(sidecar.MetricsEndpoint!, "/v1.0/metadata"), Cancel);
        using var onApi = await http.GetAsync(new Uri(sidecar.HttpEndpoint, "/metrics"), Cancel);

        Assert.StartsWith("# HELP dapr_", await onMetrics.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(HttpStatusCode.NotFound, onApi.StatusCode);
        Assert.Null((await StartAsync(metricsPort: null)).MetricsEndpoint);
    }

    [Fact]
    public async Task The_backlog_of_the_apps_subscriptions_is_a_gauge_of_its_own_name()
    {
        await using var sidecars = new Sidecars().Component("pubsub", "pubsub.sqlite", ("connectionString", "data/broker.db"));
        var answer = new TaskCompletionSource<string>();
        var inbox = new Inbox { Answer = _ => answer.Task }.Subscribe("orders");
        var app = await sidecars.AppAsync(TestApp.HttpAsync(inbox.Map));
        var sidecar = await sidecars.StartReadyAsync("shop", app, options => options with { MetricsPort = 0, AppMaxConcurrency = 1 });
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        for (var i = 0; i < 30; i++)
        {
            (await http.PostAsync("/v1.0/publish/pubsub/orders", new StringContent("7"), Cancel)).EnsureSuccessStatusCode();
        }

        // The component hands out sixteen at a time, whatever the app takes.
        const string backlog = "eventide_pubsub_backlog_messages{app_id=\"shop\",component=\"pubsub\",topic=\"orders\",state=";
        await Wait.UntilAsync(async () => await ScrapeAsync(sidecar, "?name[]=eventide_pubsub_backlog_messages") is var text
            && text.Contains(backlog + "\"waiting\"} 14\n", StringComparison.Ordinal) && text.Contains(backlog + "\"in_hand\"} 16\n", StringComparison.Ordinal));
        Assert.DoesNotContain("dapr_", await ScrapeAsync(sidecar, "?name[]=eventide_pubsub_backlog_messages"));

        answer.SetResult("""{"status":"SUCCESS"}""");
        await Wait.UntilAsync(async () => await ScrapeAsync(sidecar) is var text
            && text.Contains(backlog + "\"waiting\"} 0\n", StringComparison.Ordinal) && text.Contains(backlog + "\"in_hand\"} 0\n", StringComparison.Ordinal));
    }

    private static async Task<string> ScrapeAsync(ISidecarUnderTest sidecar, string query = "")
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(sidecar.MetricsEndpoint!, $"/metrics{query}"), Cancel);
    }

    private async Task<ISidecarUnderTest> StartAsync(int? metricsPort)
    {
        var app = await _sidecars.AppAsync(TestApp.HttpAsync(web =>
        {
            web.MapGet("/dapr/subscribe", () => Results.Json(new[] { new { pubsubname = "pubsub", topic = "orders", route = "/orders" } }));
            web.MapPost("/orders", () => Results.Ok());
        }));
        return await _sidecars.StartReadyAsync("shop", app, options => options with { MetricsPort = metricsPort });
    }
}
