using System.Net;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Tests.Support;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Proto = Dapr.Client.Autogen.Grpc.v1;

namespace Eventide.Sidecar.Tests.Resiliency;

/// <summary>Policies from files, seen from the outside: how often an app is called, and what the caller gets.</summary>
[Conformance]
public sealed class PolicyTests : IAsyncDisposable
{
    private readonly Sidecars _sidecars = new Sidecars().Component("pubsub", "pubsub.in-memory").Component("store", "state.in-memory");
    private int _calls;
    private int _status = 500;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _sidecars.DisposeAsync();

    [Fact]
    public async Task An_open_breaker_ends_the_retries_and_spares_the_app_operation_by_operation()
    {
        using var http = await CallerAsync("""
            policies:
              retries:
                often: { policy: constant, duration: 1ms, maxRetries: 10 }
              circuitBreakers:
                pubsub: { maxRequests: 1, timeout: 1h, trip: consecutiveFailures >= 3 }
            targets:
              apps:
                web: { retry: often, circuitBreaker: pubsub }
            """);

        await HttpAssert.IsErrorAsync(await http.GetAsync("/v1.0/invoke/web/method/a", Cancel), 500, "ERR_DIRECT_INVOKE",
            "failed to invoke, id: web, err: circuit breaker is open");
        Assert.Equal(3, _calls);
        await http.GetAsync("/v1.0/invoke/web/method/a?other=query", Cancel);
        Assert.Equal(3, _calls);

        _status = 200;
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/v1.0/invoke/web/method/b", Cancel)).StatusCode);
    }

    [Theory]
    [InlineData("httpStatusCodes: \"500-502,429\"", 503, 1)]
    [InlineData("httpStatusCodes: \"500-502,429\"", 429, 3)]
    [InlineData("gRPCStatusCodes: \"14\"", 503, 3)]
    public async Task Retries_happen_only_for_the_status_codes_that_match(string matching, int status, int calls)
    {
        _status = status;
        using var http = await CallerAsync($$"""
            policies:
              retries:
                some: { policy: constant, duration: 1ms, maxRetries: 2, matching: { {{matching}} } }
            targets:
              apps:
                web: { retry: some }
            """);

        Assert.Equal(status, (int)(await http.GetAsync("/v1.0/invoke/web/method/a", Cancel)).StatusCode);
        Assert.Equal(calls, _calls);
    }

    [Theory]
    [InlineData("DefaultRetryPolicy")]
    [InlineData("DefaultAppRetryPolicy")]
    public async Task A_default_policy_applies_by_its_name(string name)
    {
        using var http = await CallerAsync($$"""
            policies:
              retries:
                {{name}}: { policy: constant, duration: 1ms, maxRetries: 3 }
                DefaultComponentRetryPolicy: { policy: constant, duration: 1ms, maxRetries: 9 }
            """);

        await http.GetAsync("/v1.0/invoke/web/method/a", Cancel);

        Assert.Equal(4, _calls);
    }

    [Fact]
    public async Task The_policy_that_a_target_names_comes_before_any_default()
    {
        using var http = await CallerAsync("""
            policies:
              retries:
                DefaultAppRetryPolicy: { policy: constant, duration: 1ms, maxRetries: 3 }
                once: { policy: constant, duration: 1ms, maxRetries: 1 }
            targets:
              apps:
                web: { retry: once }
            """);

        await http.GetAsync("/v1.0/invoke/web/method/a", Cancel);

        Assert.Equal(2, _calls);
    }

    [Fact]
    public async Task A_timeout_cuts_each_attempt_and_is_retried()
    {
        using var http = await CallerAsync("""
            policies:
              timeouts:
                short: 300ms
              retries:
                twice: { policy: constant, duration: 1ms, maxRetries: 2 }
            targets:
              apps:
                web: { retry: twice, timeout: short }
            """);

        // The first call opens connections, which may take longer than the time-out.
        _status = 200;
        await Wait.UntilAsync(async () => (await http.GetAsync("/v1.0/invoke/web/method/a", Cancel)).IsSuccessStatusCode);
        _calls = 0;
        await HttpAssert.IsErrorAsync(await http.GetAsync("/v1.0/invoke/web/method/slow", Cancel), 500, "ERR_DIRECT_INVOKE", "failed to invoke, id: web, err: timeout");
        Assert.Equal(3, _calls);
    }

    [Fact]
    public async Task Invoke_service_over_grpc_has_the_same_policies_for_both_kinds_of_apps()
    {
        _sidecars.Resource("policies.yaml", File("""
            policies:
              retries:
                often: { policy: constant, duration: 1ms, maxRetries: 10, matching: { gRPCStatusCodes: "14" } }
              circuitBreakers:
                strict: { timeout: 1h, trip: consecutiveFailures >= 3 }
            targets:
              apps:
                web: { retry: often, circuitBreaker: strict }
                stock: { retry: often, circuitBreaker: strict }
            """));
        var stock = new Unavailable();
        await _sidecars.StartReadyAsync("web", await _sidecars.AppAsync(TestApp.HttpAsync(Map)));
        await _sidecars.StartReadyAsync("stock", await _sidecars.AppAsync(TestApp.GrpcAsync(stock)));
        using var channel = GrpcChannel.ForAddress((await _sidecars.StartReadyAsync("caller")).GrpcEndpoint);
        var dapr = new Proto.Dapr.DaprClient(channel);
        foreach (var app in new[] { "web", "stock" })
        {
            var failure = await Assert.ThrowsAsync<RpcException>(async () => await dapr.InvokeServiceAsync(
                new Proto.InvokeServiceRequest { Id = app, Message = new Proto.InvokeRequest { Method = "m" } }, cancellationToken: Cancel));
            Assert.Equal((StatusCode.Internal, $"failed to invoke, id: {app}, err: circuit breaker is open"), (failure.StatusCode, failure.Status.Detail));
        }

        Assert.Equal((3, 3), (_calls, stock.Calls));
    }

    [Theory]
    [InlineData("policies: { retries: { r: { policy: linear } } }", "\"policy\" is \"linear\"; allowed is constant or exponential.")]
    [InlineData("policies: { retries: { r: { maxRetrys: 3 } } }", "unknown field \"spec.policies.retries.r.maxRetrys\"")]
    [InlineData("policies: { retries: { r: { matching: { httpStatusCodes: \"600\" } } } }", "\"matching.httpStatusCodes\" is \"600\"; allowed is a list of codes and ranges from 100 to 599")]
    [InlineData("policies: { retries: { r: { matching: { gRPCStatusCodes: \"a-b\" } } } }", "allowed is a list of codes and ranges from 0 to 16")]
    [InlineData("policies: { retries: { r: } }", "retry policy \"r\" is empty")]
    [InlineData("policies: { timeouts: { t: soon } }", "\"spec.policies.timeouts.t\" is \"soon\"; allowed is a duration")]
    [InlineData("policies: { circuitBreakers: { b: { trip: failures > 5 } } }", "The names are requests, totalSuccesses, totalFailures, consecutiveSuccesses, consecutiveFailures")]
    [InlineData("policies: { circuitBreakers: { b: { trip: totalFailures } } }", "\"trip\" cannot be read")]
    [InlineData("policies: { circuitBreakers: { b: { maxRequests: -1 } } }", "\"maxRequests\" is -1")]
    [InlineData("targets: { apps: { web: { retry: nosuch } } }", "there is no retry policy \"nosuch\"; add it under spec.policies.")]
    [InlineData("targets: { apps: { web: { circuitBreakerCacheSize: 0 } } }", "\"circuitBreakerCacheSize\" is 0")]
    [InlineData("targets: { components: { store: { outbound: { circuitBreaker: nosuch } } } }", "there is no circuit breaker \"nosuch\"")]
    public async Task A_wrong_file_stops_the_start_with_file_field_and_remedy(string spec, string message)
    {
        Target.NeedsOwnHost();
        _sidecars.Resource("wrong.yaml", File(spec));

        var failure = await Assert.ThrowsAsync<SidecarStartException>(() => _sidecars.StartAsync("shop"));

        Assert.Contains("wrong.yaml, line ", failure.Message);
        Assert.Contains(message, failure.Message);
    }

    [Fact]
    public async Task A_call_is_tried_again_while_the_app_is_away_although_no_policy_says_so()
    {
        Target.NeedsOwnHost();
        _sidecars.Resource("builtin.yaml", File("policies: { retries: { DaprBuiltInServiceRetries: { policy: constant, duration: 50ms, maxRetries: 200 } } }"));
        var port = FreePort();
        await _sidecars.StartAsync("away", configure: options => options with { AppPort = port });
        await using var first = await TestApp.HttpAsync(Map, port);
        await Wait.UntilAsync(() => _sidecars.Host.Sidecars[0].Ready.IsCompleted);
        await first.DisposeAsync();
        using var http = new HttpClient { BaseAddress = (await _sidecars.StartReadyAsync("caller")).HttpEndpoint };

        var calling = http.PostAsync("/v1.0/invoke/away/method/a", new StringContent("body"), Cancel);
        _status = 200;
        await using var again = await TestApp.HttpAsync(Map, port);

        Assert.Equal(HttpStatusCode.OK, (await calling).StatusCode);
        Assert.Equal(1, _calls);
    }

    private async Task<HttpClient> CallerAsync(string spec)
    {
        _sidecars.Resource("policies.yaml", File(spec));
        await _sidecars.StartReadyAsync("web", await _sidecars.AppAsync(TestApp.HttpAsync(Map)));
        return new HttpClient { BaseAddress = (await _sidecars.StartReadyAsync("caller")).HttpEndpoint };
    }

    private void Map(WebApplication web) => web.Map("/{**path}", async (HttpContext context, string path) =>
    {
        if (path == "dapr/subscribe")
        {
            context.Response.StatusCode = 404;
            return;
        }

        Interlocked.Increment(ref _calls);
        if (path == "slow")
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
        }

        context.Response.StatusCode = _status;
    });

    private sealed class Unavailable : AppCallback.AppCallbackBase
    {
        private int _calls;

        public int Calls => _calls;

        public override Task<Proto.InvokeResponse> OnInvoke(Proto.InvokeRequest request, ServerCallContext context)
        {
            Interlocked.Increment(ref _calls);
            throw new RpcException(new Status(StatusCode.Unavailable, "not now"));
        }
    }

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    private static string File(string spec) => $"""
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata:
          name: policies
        spec:
        {string.Join('\n', spec.Split('\n').Select(line => "  " + line))}
        """;
}
