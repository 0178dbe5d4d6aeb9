using System.Net;
using System.Text;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Eventide.Sidecar.Tests.Support;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Eventide.Sidecar.Tests.Invocation;

/// <summary>Service invocation between two sidecars, over each protocol.</summary>
[Conformance]
public sealed class InvocationTests(InvocationTests.Apps apps) : IClassFixture<InvocationTests.Apps>
{
    private readonly ISidecarUnderTest _caller = apps.Caller;
    private readonly HttpClient _http = apps.Http;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1.0/invoke/web/method/echo/a%2Fb%20c?x=%26y", "/echo/a%2Fb%20c?x=%26y")]
    [InlineData("/v1.0/invoke/web/method/echo/file.txt", "/echo/file.txt")]
    [InlineData("/v1.0/invoke/web.default/method/echo", "/echo")]
    [InlineData("/v1.0/invoke/web/method//localhost:1/echo", "//localhost:1/echo")]
    public async Task The_path_and_query_reach_the_app_as_they_were_written(string url, string expected)
    {
        var answer = await _http.GetAsync(url, Cancel);

        Assert.Equal(expected, answer.Headers.GetValues("x-target").Single());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task Every_verb_passes_with_body_status_and_headers(string verb)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), "/v1.0/invoke/web/method/echo?status=418");
        request.Content = verb is "GET" ? null : new StringContent("ping");
        request.Headers.Add("x-mine", "kept");
        request.Headers.Add("x-hop", "dropped");
        request.Headers.Connection.Add("x-hop");

        var answer = await _http.SendAsync(request, Cancel);

        Assert.Equal(418, (int)answer.StatusCode);
        Assert.Equal($"{verb} {(verb is "GET" ? "" : "ping")} mine=kept hop= caller=shop callee=web", await answer.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task The_callee_may_stand_in_a_header_instead_of_the_path()
    {
        using var byHeader = new HttpRequestMessage(HttpMethod.Get, "/echo/file.txt");
        byHeader.Headers.Add("dapr-app-id", "web");
        using var byUser = new HttpRequestMessage(HttpMethod.Get, "/echo/2");
        byUser.Headers.Add("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("dapr-app-id:web")));

        Assert.Equal("/echo/file.txt", (await _http.SendAsync(byHeader, Cancel)).Headers.GetValues("x-target").Single());
        Assert.Equal("/echo/2", (await _http.SendAsync(byUser, Cancel)).Headers.GetValues("x-target").Single());
    }

    [Fact]
    public async Task A_retry_policy_sends_the_same_body_again_until_the_app_succeeds()
    {
        var answer = await _http.PostAsync("/v1.0/invoke/flaky/method/third-time", new StringContent("order 7"), Cancel);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("order 7 after 3", await answer.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task When_the_retries_are_used_up_the_caller_gets_the_apps_own_answer()
    {
        var answer = await _http.PostAsync("/v1.0/invoke/flaky/method/echo?status=503", new StringContent("x"), Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.StartsWith("POST x", await answer.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Without_an_app_id_or_with_an_unknown_one_the_call_is_refused()
    {
        await HttpAssert.IsErrorAsync(await _http.GetAsync("/nowhere", Cancel), 404, "ERR_DIRECT_INVOKE",
            "failed getting app id either from the URL path or the header dapr-app-id");
        await HttpAssert.IsErrorAsync(await _http.GetAsync("/v1.0/invoke/ghost/method/x", Cancel), 500, "ERR_DIRECT_INVOKE",
            "failed to invoke, id: ghost, err: couldn't find service: ghost");
    }

    [Fact]
    public async Task A_grpc_app_is_invoked_over_http_with_its_status_as_an_http_status()
    {
        var answer = await _http.PostAsync("/v1.0/invoke/stock/method/reserve", new StringContent("7"), Cancel);
        var refused = await _http.PostAsync("/v1.0/invoke/stock/method/refuse", new StringContent("7"), Cancel);

        Assert.Equal("reserve 7 from shop", await answer.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
    }

    [Fact]
    public async Task A_retry_policy_counts_every_call_of_a_grpc_app()
    {
        var answer = await _http.PostAsync("/v1.0/invoke/stock/method/away", new StringContent("7"), Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(3, apps.Stock.CallsWhileAway);
    }

    [Fact]
    public async Task InvokeService_reaches_http_apps_and_grpc_apps()
    {
        using var channel = GrpcChannel.ForAddress(_caller.GrpcEndpoint);
        var dapr = new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(channel);

        var fromWeb = await dapr.InvokeServiceAsync(Invoke("web", "echo"), cancellationToken: Cancel);
        var fromStock = await dapr.InvokeServiceAsync(Invoke("stock", "reserve"), cancellationToken: Cancel);
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await dapr.InvokeServiceAsync(Invoke("web", "echo?status=404"), cancellationToken: Cancel));

        Assert.StartsWith("POST 7", fromWeb.Data.Value.ToStringUtf8());
        Assert.Equal("reserve 7 from shop", fromStock.Data.Value.ToStringUtf8());
        Assert.Equal(StatusCode.NotFound, failure.StatusCode);
    }

    [Fact]
    public async Task A_grpc_call_of_any_service_is_proxied_with_status_and_trailers()
    {
        using var channel = GrpcChannel.ForAddress(_caller.GrpcEndpoint);
        var invoker = channel.CreateCallInvoker();

        var subscriptions = await invoker.AsyncUnaryCall(ListSubscriptions, null, To("stock"), new Empty());
        using var refused = invoker.AsyncUnaryCall(OnInvoke, null, To("stock"), new InvokeRequest { Method = "refuse" });
        var failure = await Assert.ThrowsAsync<RpcException>(() => refused.ResponseAsync);

        Assert.Equal("orders", subscriptions.Subscriptions.Single().Topic);
        Assert.Equal(StatusCode.Aborted, failure.StatusCode);
        Assert.Equal("sold out: nothing & nobody", failure.Status.Detail);
        Assert.Equal("yes", failure.Trailers.GetValue("x-sold-out"));
    }

    [Fact]
    public async Task Proxying_without_an_app_id_or_to_an_unknown_app_fails_with_a_reason()
    {
        using var channel = GrpcChannel.ForAddress(_caller.GrpcEndpoint);
        var invoker = channel.CreateCallInvoker();

        var nameless = await Assert.ThrowsAsync<RpcException>(async () => await invoker.AsyncUnaryCall(ListSubscriptions, null, default, new Empty()));
        var unknown = await Assert.ThrowsAsync<RpcException>(async () => await invoker.AsyncUnaryCall(ListSubscriptions, null, To("ghost"), new Empty()));

        Assert.Equal("failed to proxy request: required metadata dapr-callee-app-id or dapr-app-id not found", nameless.Status.Detail);
        Assert.Contains("couldn't find service: ghost", unknown.Status.Detail);
    }

    [Fact]
    public async Task A_method_that_is_not_served_says_so_on_both_surfaces()
    {
        Target.IsOurOwnAnswer();
        using var channel = GrpcChannel.ForAddress(_caller.GrpcEndpoint);
        var dapr = new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(channel);

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await dapr.TryLockAlpha1Async(new TryLockRequest(), cancellationToken: Cancel));

        Assert.Equal(StatusCode.Unimplemented, failure.StatusCode);
        Assert.StartsWith("TryLockAlpha1 is not served", failure.Status.Detail);
        await HttpAssert.IsErrorAsync(await _http.PostAsync("/v1.0-alpha1/lock/store", null, Cancel), 501, "ERR_NOT_IMPLEMENTED",
            "The distributed lock API is not served by the embedded sidecar; use daprd for it");
    }

    private static readonly Method<Empty, ListTopicSubscriptionsResponse> ListSubscriptions = new(
        MethodType.Unary, "dapr.proto.runtime.v1.AppCallback", "ListTopicSubscriptions",
        Marshallers.Create(m => m.ToByteArray(), Empty.Parser.ParseFrom), Marshallers.Create(m => m.ToByteArray(), ListTopicSubscriptionsResponse.Parser.ParseFrom));

    private static readonly Method<InvokeRequest, InvokeResponse> OnInvoke = new(
        MethodType.Unary, "dapr.proto.runtime.v1.AppCallback", "OnInvoke",
        Marshallers.Create(m => m.ToByteArray(), InvokeRequest.Parser.ParseFrom), Marshallers.Create(m => m.ToByteArray(), InvokeResponse.Parser.ParseFrom));

    private static CallOptions To(string app) => new(new Metadata { { "dapr-app-id", app } }, cancellationToken: Cancel);

    private static InvokeServiceRequest Invoke(string app, string method)
    {
        var parts = method.Split('?');
        return new InvokeServiceRequest
        {
            Id = app,
            Message = new InvokeRequest
            {
                Method = parts[0],
                Data = new Any { Value = ByteString.CopyFromUtf8("7") },
                HttpExtension = new HTTPExtension { Verb = HTTPExtension.Types.Verb.Post, Querystring = parts.Length > 1 ? parts[1] : "" },
            },
        };
    }

    internal sealed class Callback : AppCallback.AppCallbackBase
    {
        private int _callsWhileAway;

        public int CallsWhileAway => _callsWhileAway;

        public override Task<InvokeResponse> OnInvoke(InvokeRequest request, ServerCallContext context)
        {
            if (request.Method == "away")
            {
                Interlocked.Increment(ref _callsWhileAway);
                throw new RpcException(new Status(StatusCode.Unavailable, "away"));
            }

            if (request.Method == "refuse")
            {
                context.ResponseTrailers.Add("x-sold-out", "yes");
                throw new RpcException(new Status(StatusCode.Aborted, "sold out: nothing & nobody"));
            }

            var text = $"{request.Method} {request.Data?.Value.ToStringUtf8()} from {context.RequestHeaders.GetValue("dapr-caller-app-id")}";
            return Task.FromResult(new InvokeResponse { ContentType = "text/plain", Data = new Any { Value = ByteString.CopyFromUtf8(text) } });
        }

        public override Task<ListTopicSubscriptionsResponse> ListTopicSubscriptions(Empty request, ServerCallContext context) =>
            Task.FromResult(context.RequestHeaders.GetValue("dapr-app-id") is null && context.RequestHeaders.GetValue("dapr-caller-app-id") == "shop"
                ? new ListTopicSubscriptionsResponse { Subscriptions = { new Dapr.AppCallback.Autogen.Grpc.v1.TopicSubscription { PubsubName = "none", Topic = "orders" } } }
                : new ListTopicSubscriptionsResponse());
    }

    /// <summary>Three callees and a caller, which all tests of the class share: sidecars keep nothing from one call to the next.</summary>
    public sealed class Apps : IAsyncLifetime
    {
        private readonly Sidecars _sidecars = new();
        private int _attempts;

        internal ISidecarUnderTest Caller { get; private set; } = null!;

        internal HttpClient Http { get; private set; } = null!;

        internal Callback Stock { get; } = new();

        /// <inheritdoc/>
        public async ValueTask InitializeAsync()
        {
            _sidecars.Resource("resiliency.yaml", """
                apiVersion: dapr.io/v1alpha1
                kind: Resiliency
                metadata:
                  name: calls
                spec:
                  policies:
                    retries:
                      twice: { policy: constant, duration: 1ms, maxRetries: 2 }
                  targets:
                    apps:
                      flaky: { retry: twice }
                      stock: { retry: twice }
                """);
            var web = await _sidecars.AppAsync(TestApp.HttpAsync(Echo));
            await _sidecars.StartReadyAsync("web", web);
            await _sidecars.StartReadyAsync("flaky", web);
            await _sidecars.StartReadyAsync("stock", await _sidecars.AppAsync(TestApp.GrpcAsync(Stock)));
            Caller = await _sidecars.StartReadyAsync("shop");
            Http = new HttpClient { BaseAddress = Caller.HttpEndpoint };
        }

        /// <inheritdoc/>
        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await _sidecars.DisposeAsync();
        }

        private void Echo(WebApplication web)
        {
            web.MapGet("/dapr/subscribe", () => Results.NotFound());
            web.MapPost("/third-time", async context =>
            {
                var body = await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted);
                var attempt = Interlocked.Increment(ref _attempts);
                context.Response.StatusCode = attempt < 3 ? 500 : 200;
                await context.Response.WriteAsync($"{body} after {attempt}", context.RequestAborted);
            });
            web.MapFallback("{**path}", async context =>
            {
                var headers = context.Request.Headers;
                var body = await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted);
                context.Response.StatusCode = int.TryParse(context.Request.Query["status"], out var status) ? status : 200;
                context.Response.Headers["x-target"] = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
                await context.Response.WriteAsync(
                    $"{context.Request.Method} {body} mine={headers["x-mine"]} hop={headers["x-hop"]} caller={headers["dapr-caller-app-id"]} callee={headers["dapr-callee-app-id"]}",
                    context.RequestAborted);
            });
        }
    }
}
