using System.Net;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Eventide.Sidecar.Tests.Hosting;

/// <summary>The start and the end of a sidecar's life.</summary>
[Conformance]
public sealed class StartTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_api_listens_before_the_app_and_healthz_turns_when_the_app_listens()
    {
        await using var sidecars = new Sidecars();
        var reserved = await TestApp.HttpAsync(_ => { });
        var port = reserved.Port;
        await reserved.DisposeAsync();
        var sidecar = await sidecars.StartAsync("shop", configure: options => options with { AppPort = port });
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };

        Assert.Equal(HttpStatusCode.NoContent, (await http.GetAsync("/v1.0/healthz/outbound", Cancel)).StatusCode);
        await HttpAssert.IsErrorAsync(await http.GetAsync("/v1.0/healthz", Cancel), 500, "ERR_HEALTH_NOT_READY", "dapr is not ready: [app]");
    }

    [Fact]
    public async Task A_taken_port_stops_the_start_with_a_remedy_and_leaves_nothing_open()
    {
        Target.NeedsOwnHost();
        await using var sidecars = new Sidecars().Component("store", "state.sqlite", ("connectionString", "shared.db"));
        var first = await sidecars.StartAsync("one");

        var failure = await Assert.ThrowsAsync<SidecarStartException>(
            () => sidecars.StartAsync("two", configure: options => options with { HttpPort = first.HttpEndpoint.Port }));

        Assert.Contains("--dapr-http-port", failure.Message);
        Assert.Single(sidecars.Host.Sidecars);
    }

    [Fact]
    public async Task Shutdown_over_the_api_is_reported_to_the_host()
    {
        await using var sidecars = new Sidecars();
        var sidecar = await sidecars.StartAsync("shop");
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };

        var answer = await http.PostAsync("/v1.0/shutdown", null, Cancel);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await sidecar.ShutdownRequested.WaitAsync(TimeSpan.FromSeconds(5), Cancel);
    }

    [Fact]
    public async Task Delivery_starts_once_the_app_names_its_subscriptions_properly()
    {
        Target.IsOurOwnAnswer();
        var asked = 0;
        await using var sidecars = new Sidecars().Component("pubsub", "pubsub.in-memory");
        var app = await sidecars.AppAsync(TestApp.HttpAsync(web => web.MapGet("/dapr/subscribe", () => Interlocked.Increment(ref asked) == 1 ? "starting" : "[]")));

        await sidecars.StartReadyAsync("shop", app);

        Assert.Equal(2, asked);
    }

    [Theory]
    [InlineData("primaryEncryptionKey", "encryption")]
    [InlineData("outboxPublishPubsub", "an outbox")]
    public async Task A_store_that_promises_what_is_not_served_stops_the_start(string setting, string promise)
    {
        Target.NeedsOwnHost();
        await using var sidecars = new Sidecars().Component("store", "state.in-memory", (setting, "x"));

        var failure = await Assert.ThrowsAsync<SidecarStartException>(() => sidecars.StartAsync("shop"));

        Assert.EndsWith($"store.yaml: component \"store\": {setting} asks for {promise}, which the embedded sidecar does not serve; remove it or use daprd.", failure.Message);
    }
}
