using System.Net;
using Dapr;
using Eventide.Sidecar.Tests.Support;
using Grpc.Core;

namespace Eventide.Sidecar.Tests.Configuration;

/// <summary>spec.api of a Configuration.</summary>
[Conformance]
public sealed class ApiAccessTests : IAsyncDisposable
{
    private readonly Sidecars _sidecars = new Sidecars().Component("store", "state.in-memory");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _sidecars.DisposeAsync();

    [Fact]
    public async Task What_is_denied_does_not_exist_on_the_surface_that_the_rule_names_and_the_rest_is_served()
    {
        var sidecar = await StartAsync("denied:\n    - name: state\n      version: v1.0\n    - name: secrets\n      version: v1\n      protocol: grpc");
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        using var dapr = _sidecars.Client(sidecar);

        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/v1.0/state/store/key", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/v1.0/metadata", Cancel)).StatusCode);
        Assert.Equal(0, await dapr.GetStateAsync<int>("store", "key", cancellationToken: Cancel));
        var refused = await Assert.ThrowsAsync<DaprException>(() => dapr.GetSecretAsync("secrets", "key", cancellationToken: Cancel));
        Assert.Equal((StatusCode.Unimplemented, "requested endpoint is not available"), StatusOf(refused));
    }

    [Fact]
    public async Task When_something_is_allowed_over_http_nothing_else_is_there_but_health()
    {
        var sidecar = await StartAsync("allowed:\n    - name: state\n      version: v1.0\n      protocol: http");
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        using var dapr = _sidecars.Client(sidecar);

        Assert.Equal(HttpStatusCode.NoContent, (await http.GetAsync("/v1.0/state/store/key", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await http.GetAsync("/v1.0/healthz/outbound", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/v1.0/metadata", Cancel)).StatusCode);
        Assert.Equal(0, await dapr.GetStateAsync<int>("store", "key", cancellationToken: Cancel));
    }

    [Fact]
    public async Task When_something_is_allowed_over_grpc_nothing_else_is()
    {
        var sidecar = await StartAsync("allowed:\n    - name: state\n      version: v1\n      protocol: grpc");
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        using var dapr = _sidecars.Client(sidecar);

        Assert.Equal(0, await dapr.GetStateAsync<int>("store", "key", cancellationToken: Cancel));
        Assert.Equal((StatusCode.Unimplemented, "requested endpoint is not available"), StatusOf(await Assert.ThrowsAsync<DaprException>(() => dapr.GetSecretAsync("secrets", "key", cancellationToken: Cancel))));
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/v1.0/metadata", Cancel)).StatusCode);
    }

    private static (StatusCode Code, string Detail) StatusOf(DaprException failure)
    {
        var status = Assert.IsType<RpcException>(failure.InnerException).Status;
        return (status.StatusCode, status.Detail);
    }

    private Task<ISidecarUnderTest> StartAsync(string rules)
    {
        var config = Path.Combine(_sidecars.Folder, "config.yaml");
        File.WriteAllText(config, $"apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata:\n  name: api\nspec:\n  api:\n    {rules}\n");
        return _sidecars.StartAsync("shop", configure: options => options with { ConfigPaths = [config] });
    }
}
