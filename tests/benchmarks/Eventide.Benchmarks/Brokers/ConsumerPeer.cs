using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Eventide.Benchmarks.Peers;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Eventide.Benchmarks.Brokers;

/// <summary>An app that subscribes, over HTTP to the topic "http" and over gRPC to the topic "grpc".</summary>
internal static class ConsumerPeer
{
    public const string Role = "dapr-consumer";
    public const string HttpTopic = "http";
    public const string GrpcTopic = "grpc";

    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var handled = new Handled();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(handled).AddGrpc();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        await using var web = builder.Build();
        web.MapGet("/dapr/subscribe", () => Results.Text($$"""[{"pubsubname":"pubsub","topic":"{{HttpTopic}}","route":"/messages"}]""", "application/json"));
        web.MapPost("/messages", async (HttpContext context) =>
        {
            using var envelope = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            handled.Add(BenchMessage.Handle(JsonMarshal.GetRawUtf8Value(envelope.RootElement.GetProperty("data"))));
        });
        web.MapGrpcService<Callback>();
        await web.StartAsync(cancellationToken);
        var ports = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address).Port).ToArray();
        return await PeerRole.RunAsync(
            new AppAddresses(ports[0], ports[1]), (command, token) => DirectPeer.ExecuteAsync(command, handled, null, token), cancellationToken);
    }

    private sealed class Callback(Handled handled) : AppCallback.AppCallbackBase
    {
        public override Task<ListTopicSubscriptionsResponse> ListTopicSubscriptions(Empty request, ServerCallContext context) => Task.FromResult(
            new ListTopicSubscriptionsResponse { Subscriptions = { new TopicSubscription { PubsubName = "pubsub", Topic = GrpcTopic } } });

        public override Task<TopicEventResponse> OnTopicEvent(TopicEventRequest request, ServerCallContext context)
        {
            handled.Add(BenchMessage.Handle(request.Data.Span));
            return Task.FromResult(new TopicEventResponse());
        }
    }
}
