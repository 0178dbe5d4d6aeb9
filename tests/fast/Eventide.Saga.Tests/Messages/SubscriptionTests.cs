using System.Net.Http.Json;
using System.Text.Json;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Eventide.Contracts;
using Eventide.Saga.Tests.Hosting;
using Eventide.ServiceDefaults.Messaging;
using Eventide.Sidecar;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Eventide.Saga.Tests.Messages;

/// <summary>What each service tells its sidecar, against the table of the contracts.</summary>
public sealed class SubscriptionTests
{
    public static TheoryData<string> Apps => new(Module.All.Append(Module.Basket).Select(module => module.App));

    [Theory]
    [MemberData(nameof(Apps))]
    public async Task A_service_subscribes_to_what_the_contracts_say_with_typed_routes_a_default_route_and_a_dead_letter_topic_on_each(string app)
    {
        await using var service = await RunningService.StartAsync(Module.All.Append(Module.Basket).Single(module => module.App == app));
        var expected = Subscriptions.All.Where(subscription => subscription.App == app).OrderBy(subscription => subscription.Topic, StringComparer.Ordinal).ToList();
        var found = (await service.SubscriptionsAsync()).OrderBy(subscription => subscription.Topic, StringComparer.Ordinal).ToList();

        Assert.Equal(expected.Select(subscription => subscription.Topic), found.Select(subscription => subscription.Topic));
        foreach (var (contract, told) in expected.Zip(found))
        {
            Assert.Equal((Topics.PubSub, contract.DeadLetterTopic), (told.PubSub, told.DeadLetterTopic));
            Assert.Equal(contract.Types.Select(type => $"event.type == \"{type}\"").Order(), told.Matches.Order());
            Assert.NotEmpty(told.Default);
        }
    }

    [Fact]
    public async Task The_monolith_subscribes_once_to_each_topic_of_any_module_and_to_every_dead_letter_topic_of_its_shape()
    {
        await using var service = await RunningService.StartAsync(Module.Monolith);
        var found = (await service.SubscriptionsAsync()).ToDictionary(subscription => subscription.Topic);
        var contracts = ShopShape.Monolith.Subscriptions.Where(subscription => subscription.App == ShopShape.MonolithId).ToDictionary(subscription => subscription.Topic);

        Assert.Equal(
            contracts.Keys.Union(Subscriptions.ObservedTopics).Union(ShopShape.Monolith.DeadLetterTopics.Keys).Order(StringComparer.Ordinal),
            found.Keys.Order(StringComparer.Ordinal));
        foreach (var (topic, told) in found)
        {
            Assert.Equal(ShopShape.Monolith.DeadLetterTopics.ContainsKey(topic) ? "" : Topics.DeadLetter(ShopShape.MonolithId, topic), told.DeadLetterTopic);
            Assert.NotEmpty(told.Default);
        }

        // Readings come in bulks, by one route for all.
        foreach (var (topic, contract) in contracts.Where(contract => contract.Key != Topics.Telemetry))
        {
            Assert.Equal(contract.Types.Select(type => $"event.type == \"{type}\"").Order(), found[topic].Matches.Order());
        }
    }

    [Fact]
    public async Task Every_path_that_a_sidecar_is_told_answers_an_unreadable_message_with_drop_and_an_unknown_type_with_success()
    {
        await using var service = await RunningService.StartAsync(Module.All.Single(module => module.App == "payment"));
        foreach (var path in (await service.SubscriptionsAsync()).SelectMany(subscription => subscription.Paths))
        {
            Assert.Equal("DROP", await service.DeliverAsync(path, "not JSON"));
            Assert.Equal("SUCCESS", await service.DeliverAsync(path, """{"id":"e-1","type":"somebody.elses.v1","data":{}}"""));
        }
    }

    /// <summary>A service without a sidecar.</summary>
    private sealed class RunningService(WebApplication web, Uri address, AppProtocol protocol) : IAsyncDisposable
    {
        // Dapr.Protos has the server's side of this service only.
        private static readonly Method<Empty, ListTopicSubscriptionsResponse> List = new(
            MethodType.Unary, "dapr.proto.runtime.v1.AppCallback", "ListTopicSubscriptions",
            Marshallers.Create(message => message.ToByteArray(), Empty.Parser.ParseFrom),
            Marshallers.Create(message => message.ToByteArray(), ListTopicSubscriptionsResponse.Parser.ParseFrom));

        private readonly HttpClient _http = new() { BaseAddress = address };

        public static async Task<RunningService> StartAsync(Module module)
        {
            var builder = WebApplication.CreateBuilder();
            var port = Shop.FreePort();
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["APP_PORT"] = $"{port}", ["SignIn:DevelopmentTokens"] = "true" });
            builder.Logging.ClearProviders();
            var web = module.Build(builder);
            await web.StartAsync(TestContext.Current.CancellationToken);
            return new RunningService(web, new Uri($"http://127.0.0.1:{port}"), module.Protocol);
        }

        public async Task<IReadOnlyList<Told>> SubscriptionsAsync()
        {
            if (protocol == AppProtocol.Grpc)
            {
                using var channel = GrpcChannel.ForAddress(address);
                var listed = await channel.CreateCallInvoker().AsyncUnaryCall(List, null, default, new Empty());
                return
                [
                    .. listed.Subscriptions.Select(subscription => new Told(
                        subscription.PubsubName, subscription.Topic, subscription.DeadLetterTopic, [.. subscription.Routes.Rules.Select(rule => rule.Match)],
                        subscription.Routes.Default, [.. subscription.Routes.Rules.Select(rule => rule.Path)])),
                ];
            }

            var told = await _http.GetFromJsonAsync<JsonElement>("/dapr/subscribe", TestContext.Current.CancellationToken);
            return
            [
                .. told.EnumerateArray().Select(subscription =>
                {
                    List<JsonElement> rules = subscription.TryGetProperty("routes", out var routes) && routes.TryGetProperty("rules", out var listed)
                        ? [.. listed.EnumerateArray()] : [];
                    return new Told(
                        subscription.GetProperty("pubsubName").GetString()!, subscription.GetProperty("topic").GetString()!,
                        subscription.TryGetProperty("deadLetterTopic", out var dead) ? dead.GetString() ?? "" : "", [.. rules.Select(rule => rule.GetProperty("match").GetString()!)],
                        (subscription.TryGetProperty("route", out var route) ? route : routes.GetProperty("default")).GetString()!,
                        [.. rules.Select(rule => rule.GetProperty("path").GetString()!)]);
                }),
            ];
        }

        public async Task<string> DeliverAsync(string path, string envelope)
        {
            using var answer = await _http.PostAsync(
                path, new StringContent(envelope, null, "application/cloudevents+json"), TestContext.Current.CancellationToken);
            Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
            return (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("status").GetString()!;
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await web.StopAsync(now.Token);
            await web.DisposeAsync();
        }
    }

    private sealed record Told(string PubSub, string Topic, string DeadLetterTopic, IReadOnlyList<string> Matches, string Default, IReadOnlyList<string> TypedPaths)
    {
        public IEnumerable<string> Paths => [.. TypedPaths, Default];
    }
}
