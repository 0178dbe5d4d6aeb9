using System.Diagnostics;
using Eventide.Sidecar.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Eventide.Sidecar.Tests.Tracing;

/// <summary>Trace context through an invocation and through a published event. One class: a listener is seen by the whole process.</summary>
public sealed class TracingTests : IAsyncLifetime
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Incoming = $"00-{TraceId}-00f067aa0ba902b7-01";

    private readonly Sidecars _sidecars = new Sidecars().Component("pubsub", "pubsub.in-memory");
    private readonly TaskCompletionSource<string> _delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HttpClient _http = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        var app = await _sidecars.AppAsync(TestApp.HttpAsync(web =>
        {
            web.MapGet("/dapr/subscribe", () => Results.Json(new[] { new { pubsubname = "pubsub", topic = "orders", route = "/orders" } }));
            web.MapGet("/seen", (HttpContext context) => context.Request.Headers.TraceParent.ToString());
            web.MapPost("/orders", (HttpContext context) =>
            {
                _delivered.TrySetResult(context.Request.Headers.TraceParent.ToString());
            });
        }));
        var sidecar = await _sidecars.StartReadyAsync("shop", app);
        _http = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = sidecar.HttpEndpoint };
        _http.DefaultRequestHeaders.Add("traceparent", Incoming);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _sidecars.DisposeAsync();
    }

    [Fact]
    public async Task Without_tracing_the_callers_context_passes_unchanged()
    {
        Assert.Equal(Incoming, await _http.GetStringAsync("/v1.0/invoke/shop/method/seen", Cancel));

        await _http.PostAsync("/v1.0/publish/pubsub/orders", new StringContent("7"), Cancel);
        Assert.Equal(Incoming, await _delivered.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel));
    }

    [Fact]
    public async Task With_tracing_the_receiver_is_a_child_of_the_sidecars_span()
    {
        var spans = new System.Collections.Concurrent.ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("Eventide.Sidecar.shop", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);

        var seen = await _http.GetStringAsync("/v1.0/invoke/shop/method/seen", Cancel);

        Assert.StartsWith($"00-{TraceId}-", seen);
        Assert.NotEqual(Incoming, seen);
        await Wait.UntilAsync(() => spans.Any(span => span.Id == seen && span.ParentId == Incoming && span.OperationName == "/v1.0/invoke/shop/method/seen"));
    }
}
