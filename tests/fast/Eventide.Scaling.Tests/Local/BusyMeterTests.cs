using System.Net;
using Eventide.Scaling.Local.Verification;
using Eventide.Tools;
using Eventide.Tools.Shops;
using Microsoft.Extensions.Time.Testing;

namespace Eventide.Scaling.Tests.Local;

/// <summary>How long one message takes a busy replica, from what its sidecar counts.</summary>
public sealed class BusyMeterTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Sidecars _sidecars = new();
    private readonly HttpClient _http;

    public BusyMeterTests() => _http = new HttpClient(_sidecars);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Only_what_was_done_while_more_waited_counts()
    {
        var meter = new BusyMeter("payment", "payment-requests", 2, Shop, _http, _time);
        await meter.SampleAsync(Cancel);

        // Two processes, each of which does two messages a second: with two at once, one takes a second.
        for (var i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(0.5));
            _sidecars.Done++;
            _sidecars.Refused += 5;
            await meter.SampleAsync(Cancel);
        }

        // Nothing waits any more: how slow they are now says nothing.
        _sidecars.Waiting = 0;
        _time.Advance(TimeSpan.FromMinutes(1));
        await meter.SampleAsync(Cancel);

        Assert.Equal(1, meter.HandlingTime.TotalSeconds, 0.001);
    }

    [Fact]
    public void An_app_that_was_never_busy_is_named()
    {
        var meter = new BusyMeter("payment", "payment-requests", 2, Shop, _http, _time);

        Assert.StartsWith("payment never had more to do than it could", Assert.Throws<ToolException>(() => meter.HandlingTime).Message);
    }

    private static RunState Shop() => new(1, [.. Enumerable.Range(0, 2).Select(replica => new RunningApp("payment", replica, 1, "http", 2, 3, replica) { MetricsPort = 10 + replica })]);

    /// <summary>The metrics of two sidecars that tell the same.</summary>
    private sealed class Sidecars : HttpMessageHandler
    {
        public int Done { get; set; }

        public int Refused { get; set; }

        public int Waiting { get; set; } = 7;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent($$"""
                    dapr_component_pubsub_ingress_count{app_id="payment",component="pubsub",topic="payment-requests",process_status="success"} {{Done}}
                    dapr_component_pubsub_ingress_count{app_id="payment",component="pubsub",topic="payment-requests",process_status="retry"} {{Refused}}
                    dapr_component_pubsub_ingress_count{app_id="payment",component="pubsub",topic="another",process_status="success"} 100
                    eventide_pubsub_backlog_messages{app_id="payment",component="pubsub",topic="payment-requests",state="waiting"} {{Waiting}}
                    eventide_pubsub_backlog_messages{app_id="payment",component="pubsub",topic="payment-requests",state="in_hand"} 32

                    """),
            });
        }
    }
}
