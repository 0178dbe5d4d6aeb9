using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Eventide.Contracts;
using Eventide.SystemTests.Support;
using Eventide.TestSupport.Tracing;

namespace Eventide.SystemTests.Tracing;

/// <summary>The whole shop as processes, one order, and what everyone exported about it.</summary>
public sealed class OneTraceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly string[] Services = ["ordering", "catalog", "basket", "inventory", "payment", "shipping", "notification", "operations"];

    // Accepted, shipped, confirmed.
    private const int Notices = 3;

    [Fact]
    public async Task One_trace_runs_from_the_order_through_every_event_and_step_to_the_last_consumer()
    {
        Assert.SkipUnless(IsOnPath("node"), "node is missing; install Node.js 20 or newer");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        await using var receiver = await OtlpReceiver.StartAsync(limit.Token);
        await using var shop = new RunnerFixture { RunFile = Path.Combine(Repository.Root, "dapr.yaml"), StartPatience = Patience };
        foreach (var (name, value) in receiver.Variables)
        {
            shop.Variable(name, value);
        }

        await shop.OpenAsync([.. Repository.EmbeddedComponents, "--logs", "none"]);
        var orderId = await PlaceAsync(shop, limit.Token);

        var placed = await SpanAsync(receiver, span => span is { Service: "ordering", Kind: 2, IsFromSidecar: false } && span.Name.StartsWith("POST /orders", StringComparison.Ordinal), limit.Token);
        var trace = await receiver.WaitForTraceAsync(placed.TraceId, trace => IsWhole(trace, orderId), limit.Token);

        Assert.Same(placed, Assert.Single(trace.Roots));
        Assert.True(!trace.BrokenEdges.Any(), $"{trace}");
        Assert.Empty(Services.Except(trace.Spans.Where(span => !span.IsFromSidecar).Select(span => span.Service)));

        // The observer receives in bulk: a delivery of many traces is a span of none.
        Assert.Empty(Services.Except([Subscriptions.Observer]).Except(trace.Spans.Where(span => span.IsFromSidecar).Select(span => span.Service)));

        // The last consumer hears of the end through everything that came before.
        var last = trace.Spans.Last(span => span.Service == "notification" && span.Name == $"process {Topics.Orders}");
        var path = trace.PathToRoot(last).ToList();
        Assert.Same(placed, path[^1]);
        Assert.Contains(path, span => span.Name.StartsWith("WorkflowActivity", StringComparison.Ordinal));
        Assert.Contains(path, span => span is { IsFromSidecar: true, Service: "notification" });
    }

    private static bool IsWhole(Trace trace, string orderId) =>
        !trace.BrokenEdges.Any()
        && Subscriptions.All.Where(subscription => Services.Contains(subscription.App))
            .All(subscription => trace.Spans.Any(span => span.Service == subscription.App && span.Name == $"process {subscription.Topic}"))
        && Subscriptions.ObservedTopics.All(topic => trace.Spans.Any(span => span.Service == Subscriptions.Observer && span.Name == $"process {topic}"))
        && trace.Spans.Any(span => span.Service == "notification" && IsAbout(span, Topics.Orders, orderId))
        && trace.Spans.Count(span => span.Service == "notification" && span.Name.StartsWith("process", StringComparison.Ordinal)) >= Notices;

    private static bool IsAbout(ReceivedSpan span, string topic, string orderId) => span.Name == $"process {topic}"
        && span.Attributes.GetValueOrDefault("messaging.message.id", "").StartsWith(orderId, StringComparison.Ordinal);

    private static async Task<ReceivedSpan> SpanAsync(OtlpReceiver receiver, Func<ReceivedSpan, bool> isIt, CancellationToken cancellationToken)
    {
        ReceivedSpan? found = null;
        await Processes.UntilAsync("the span of POST /orders", () => (found = receiver.Spans.FirstOrDefault(isIt)) is not null, Patience);
        cancellationToken.ThrowIfCancellationRequested();
        return found!;
    }

    private static async Task<string> PlaceAsync(RunnerFixture shop, CancellationToken cancellationToken)
    {
        var ordering = shop.Apps().Single(app => app.AppId == "ordering");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ordering.AppPort}") };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders")
        {
            Content = JsonContent.Create(new { lines = new[] { new { sku = "SKU-002", quantity = 1 } }, paymentToken = "tok_visa", country = "DE" }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", DevelopmentSignIn.TokenFor("ada", DateTimeOffset.UtcNow + Patience));
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());

        // No trace of this process: the trace begins where the customer's request arrives.
        request.Headers.TryAddWithoutValidation("traceparent", (string?)null);
        using var response = await http.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{body}");
        return body.GetProperty("id").GetString()!;
    }

    private static bool IsOnPath(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, command)));
}
