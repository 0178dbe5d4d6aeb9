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
    public async Task What_is_denied_does_not_exist_on_either_surface_and_the_rest_is_served()
    {
        var sidecar = await StartAsync("denied:\n    - name: state\n      version: v1.0");
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        using var dapr = _sidecars.Client(sidecar);

        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/v1.0/state/store/key", Cancel)).StatusCode);
        var refused = await Assert.ThrowsAsync<DaprException>(() => dapr.GetStateAsync<int>("store", "key", cancellationToken: Cancel));
        Assert.Equal(StatusCode.Unimplemented, Assert.IsType<RpcException>(refused.InnerException).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/v1.0/metadata", Cancel)).StatusCode);
    }

    [Fact]
    public async Task When_something_is_allowed_nothing_else_is_but_health()
    {
        var sidecar = await StartAsync("allowed:\n    - name: state\n      version: v1.0\n      protocol: http");
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        using var dapr = _sidecars.Client(sidecar);

        Assert.Equal(HttpStatusCode.NoContent, (await http.GetAsync("/v1.0/state/store/key", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await http.GetAsync("/v1.0/healthz/outbound", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/v1.0/metadata", Cancel)).StatusCode);
        await Assert.ThrowsAsync<DaprException>(() => dapr.GetStateAsync<int>("store", "key", cancellationToken: Cancel));
    }

    private Task<ISidecarUnderTest> StartAsync(string rules)
    {
        var config = Path.Combine(_sidecars.Folder, "config.yaml");
        File.WriteAllText(config, $"apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata:\n  name: api\nspec:\n  api:\n    {rules}\n");
        return _sidecars.StartAsync("shop", configure: options => options with { ConfigPaths = [config] });
    }
}
