using System.Net;
using System.Text.Json;
using Eventide.Sidecar.Tests.Support;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Eventide.Sidecar.Tests.Hosting;

/// <summary>What all building blocks share: tokens, metadata, limits.</summary>
[Conformance]
public sealed class ApiTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_an_api_token_only_probes_pass_without_it()
    {
        await using var sidecars = new Sidecars().Component("store", "state.in-memory");
        var sidecar = await sidecars.StartReadyAsync("shop", configure: options => options with { ApiToken = "secret" });
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        using var channel = GrpcChannel.ForAddress(sidecar.GrpcEndpoint);
        var dapr = new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(channel);

        Assert.Equal(HttpStatusCode.NoContent, (await http.GetAsync("/v1.0/healthz", Cancel)).StatusCode);
        var refused = await http.GetAsync("/v1.0/metadata", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("invalid api token\n", await refused.Content.ReadAsStringAsync(Cancel));
        var missing = await Assert.ThrowsAsync<RpcException>(async () => await dapr.GetMetadataAsync(new(), cancellationToken: Cancel));
        Assert.Equal((StatusCode.Unauthenticated, "authentication error: missing api token in request metadata"), (missing.StatusCode, missing.Status.Detail));
        var wrong = await Assert.ThrowsAsync<RpcException>(async () => await dapr.GetMetadataAsync(new(), new Metadata { { "dapr-api-token", "x" } }, cancellationToken: Cancel));
        Assert.Equal("authentication error: api token mismatch", wrong.Status.Detail);
        Assert.Equal("shop", (await dapr.GetMetadataAsync(new(), new Metadata { { "dapr-api-token", "secret" } }, cancellationToken: Cancel)).Id);
    }

    [Fact]
    public async Task A_path_below_a_probe_needs_the_token_like_any_other()
    {
        await using var sidecars = new Sidecars();
        var app = await sidecars.AppAsync(TestApp.HttpAsync(web => web.MapGet("/v1.0/healthz/{name}", () => "reached")));
        var sidecar = await sidecars.StartReadyAsync("shop", app, options => options with { ApiToken = "secret" });
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        http.DefaultRequestHeaders.Add("dapr-app-id", "shop");

        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/v1.0/healthz/orders", Cancel)).StatusCode);
        http.DefaultRequestHeaders.Add("dapr-api-token", "secret");
        Assert.Equal("reached", await http.GetStringAsync("/v1.0/healthz/orders", Cancel));
    }

    [Fact]
    public async Task The_app_gets_its_own_token_and_never_the_callers()
    {
        await using var sidecars = new Sidecars();
        var app = await sidecars.AppAsync(TestApp.HttpAsync(web => web.MapGet("/token", (HttpContext context) => context.Request.Headers["dapr-api-token"].ToString())));
        var sidecar = await sidecars.StartReadyAsync("shop", app, options => options with { AppApiToken = "for-app" });
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        http.DefaultRequestHeaders.Add("dapr-api-token", "callers");

        Assert.Equal("for-app", await http.GetStringAsync("/v1.0/invoke/shop/method/token", Cancel));
    }

    [Fact]
    public async Task Metadata_is_the_same_on_both_surfaces_and_keeps_what_callers_set()
    {
        await using var sidecars = new Sidecars().Component("store", "state.in-memory");
        var sidecar = await sidecars.StartAsync("shop");
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        using var dapr = sidecars.Client(sidecar);
        await http.PutAsync("/v1.0/metadata/cliPID", new StringContent("42"), Cancel);
        await dapr.SetMetadataAsync("appCommand", "run", Cancel);

        var overGrpc = await dapr.GetMetadataAsync(Cancel);
        using var overHttp = JsonDocument.Parse(await http.GetStringAsync("/v1.0/metadata", Cancel));

        Assert.Equal("shop", overGrpc.Id);
        Assert.Equal(("42", "run"), (overGrpc.Extended["cliPID"], overGrpc.Extended["appCommand"]));
        Assert.Contains("ACTOR", overGrpc.Components.Single().Capabilities);
        Assert.Equal("run", overHttp.RootElement.GetProperty("extended").GetProperty("appCommand").GetString());
        Assert.Equal("store", overHttp.RootElement.GetProperty("components")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_with_413()
    {
        await using var sidecars = new Sidecars().Component("store", "state.in-memory");
        var sidecar = await sidecars.StartAsync("shop", configure: options => options with { MaxBodySize = 1000 });
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };

        var answer = await http.PostAsync("/v1.0/state/store", new StringContent($"[{{\"key\":\"k\",\"value\":\"{new string('x', 2000)}\"}}]"), Cancel);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }
}
