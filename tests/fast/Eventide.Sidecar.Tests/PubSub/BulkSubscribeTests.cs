using System.Collections.Concurrent;
using Dapr;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.AspNetCore;
using Eventide.Sidecar.Tests.Support;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Status = Dapr.AppCallback.Autogen.Grpc.v1.TopicEventResponse.Types.TopicEventResponseStatus;

namespace Eventide.Sidecar.Tests.PubSub;

/// <summary>Many messages in one call of the app, each with an outcome of its own.</summary>
[Conformance]
public sealed class BulkSubscribeTests : IAsyncDisposable
{
    private readonly Sidecars _sidecars = new Sidecars()
        .Component("pubsub", "pubsub.sqlite", ("connectionString", "data/broker.db"), ("redeliverInterval", "10ms"), ("maxRedeliverInterval", "10ms"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _sidecars.DisposeAsync();

    [Fact]
    public async Task Messages_come_in_bulks_no_larger_than_asked()
    {
        Target.NeedsDurableBroker();
        var inbox = new Inbox { Answer = bulk => Task.FromResult(bulk.Statuses(_ => "SUCCESS")) }.Subscribe(Subscription(maxMessages: 40));
        await StartAsync(inbox, 100);

        await Wait.UntilAsync(() => inbox.Deliveries.Sum(bulk => bulk.Entries.Count) == 100);

        Assert.Equal([40, 40, 20], inbox.Deliveries.Select(bulk => bulk.Entries.Count).OrderDescending());
        var first = inbox.Deliveries.First();
        Assert.Equal(("/bulk", "application/json", "com.dapr.event.sent.bulk", "telemetry", "pubsub"), (
            first.Path, first.Headers["Content-Type"], first.Body.GetProperty("type").GetString(), first.Body.GetProperty("topic").GetString(),
            first.Body.GetProperty("pubsubname").GetString()));
        Assert.Equal("application/cloudevents+json", first.Entries[0].GetProperty("contentType").GetString());
    }

    [Fact]
    public async Task Two_bulks_are_under_way_at_once_and_never_a_third()
    {
        Target.NeedsDurableBroker();
        var (underWay, most) = (0, 0);
        var both = new TaskCompletionSource();
        var inbox = new Inbox
        {
            Answer = async bulk =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref underWay));
                if (Volatile.Read(ref most) >= 2)
                {
                    both.TrySetResult();
                }

                // Long enough for a third, if there were one, to come in beside some of the forty.
                await both.Task;
                await Task.Delay(20, Cancel);
                Interlocked.Decrement(ref underWay);
                return bulk.Statuses(_ => "SUCCESS");
            },
        }.Subscribe(Subscription(maxMessages: 5));
        await StartAsync(inbox, 200);

        await Wait.UntilAsync(() => inbox.Deliveries.Sum(bulk => bulk.Entries.Count) == 200);

        Assert.Equal(2, most);
    }

    [Fact]
    public async Task Only_entries_without_success_come_again_and_a_dropped_one_becomes_a_dead_letter()
    {
        var attempts = new ConcurrentDictionary<int, int>();
        var inbox = new Inbox
        {
            Answer = call => Task.FromResult(call.Path == "/dead" ? "" : call.Statuses(number => attempts.AddOrUpdate(number, 1, (_, n) => n + 1) > 1 ? "SUCCESS" : (number % 4) switch
            {
                0 => "SUCCESS",
                1 => "RETRY",
                2 => "",
                _ => "DROP",
            })),
        }.Subscribe(Subscription(maxMessages: 8, retry: true)).Subscribe(new { pubsubname = "pubsub", topic = "telemetry.dead", route = "/dead" });
        Retries("""{ policy: constant, duration: 1ms, maxRetries: 3 }""");
        await StartAsync(inbox, 8);

        await Wait.UntilAsync(() => inbox.Deliveries.Count(call => call.Path == "/dead") == 2 && attempts.Values.Sum() == 12);

        Assert.Equal([1, 2, 2, 1, 1, 2, 2, 1], Enumerable.Range(0, 8).Select(number => attempts[number]));
        Assert.Equal([3, 7], inbox.Deliveries.Where(call => call.Path == "/dead").Select(call => call.Number).Order());
    }

    [Fact]
    public async Task Entries_whose_attempts_are_used_up_become_single_dead_letters()
    {
        Target.NeedsDurableBroker();
        var inbox = new Inbox
        {
            Answer = call => Task.FromResult(call.Path == "/dead" ? "" : call.Statuses(number => number == 2 ? "RETRY" : "SUCCESS")),
        }.Subscribe(Subscription(maxMessages: 4, retry: true)).Subscribe(new { pubsubname = "pubsub", topic = "telemetry.dead", route = "/dead" });
        Retries("""{ policy: constant, duration: 1ms, maxRetries: 2 }""");
        await StartAsync(inbox, 4);

        await Wait.UntilAsync(() => inbox.Deliveries.Any(call => call.Path == "/dead"));

        Assert.Equal(["0 1 2 3", "2", "2"], inbox.Deliveries.Where(call => call.Path == "/bulk").Select(call => string.Join(' ', call.Numbers.Order())));
        Assert.Equal(2, Assert.Single(inbox.Deliveries, call => call.Path == "/dead").Number);
    }

    [Fact]
    public async Task Without_policy_and_dead_letter_topic_the_broker_delivers_the_rest_again()
    {
        Target.NeedsDurableBroker();
        var seen = new ConcurrentDictionary<int, int>();
        var inbox = new Inbox
        {
            Answer = call => Task.FromResult(call.Statuses(number => seen.AddOrUpdate(number, 1, (_, n) => n + 1) < 3 && number == 1 ? "RETRY" : "SUCCESS")),
        }.Subscribe(Subscription(maxMessages: 2));
        await StartAsync(inbox, 2);

        await Wait.UntilAsync(() => seen.GetValueOrDefault(1) == 3);

        Assert.Equal(1, seen[0]);
    }

    [Fact]
    public async Task Declared_in_a_file_the_settings_are_the_same()
    {
        Target.NeedsDurableBroker();
        var inbox = new Inbox { Answer = bulk => Task.FromResult(bulk.Statuses(_ => "SUCCESS")) };
        _sidecars.Resource("subscription.yaml", """
            apiVersion: dapr.io/v2alpha1
            kind: Subscription
            metadata:
              name: telemetry
            spec:
              topic: telemetry
              pubsubname: pubsub
              routes:
                default: /declared
              bulkSubscribe:
                enabled: true
                maxMessagesCount: 5
                maxAwaitDurationMs: 1000
            """);
        await StartAsync(inbox, 10);

        await Wait.UntilAsync(() => inbox.Deliveries.Count == 2);

        Assert.All(inbox.Deliveries, bulk => Assert.Equal(("/declared", 5), (bulk.Path, bulk.Entries.Count)));
    }

    [Fact]
    public async Task A_handler_written_with_dapr_asp_net_core_gets_its_bulks()
    {
        var received = new ConcurrentQueue<int>();
        var app = await _sidecars.AppAsync(TestApp.HttpAsync(web =>
        {
            web.MapSubscribeHandler();
            web.MapPost("/readings", [Topic("pubsub", "telemetry"), BulkSubscribe("telemetry", 50, 30)] (BulkSubscribeMessage<BulkMessageModel<int>> bulk) =>
            {
                foreach (var entry in bulk.Entries)
                {
                    received.Enqueue(entry.Event.Data);
                }

                return new BulkSubscribeAppResponse(
                    [.. bulk.Entries.Select(entry => new BulkSubscribeAppResponseEntry(entry.EntryId, BulkSubscribeAppResponseStatus.SUCCESS))]);
            });
        }));
        await PublishAsync(await _sidecars.StartReadyAsync("fleet", app), 100);

        await Wait.UntilAsync(() => received.Count == 100);

        Assert.Equal(Enumerable.Range(0, 100), received.Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Over_grpc_the_callback_gets_bulks_and_an_old_app_is_found_in_the_alpha_service(bool old)
    {
        Target.NeedsDurableBroker();
        var callback = new Callback();
        var app = old
            ? await _sidecars.AppAsync(TestApp.GrpcAsync(new OldCallback(), new AlphaCallback(callback)))
            : await _sidecars.AppAsync(TestApp.GrpcAsync(new NewCallback(callback)));
        await PublishAsync(await _sidecars.StartReadyAsync("fleet", app), 10);

        await Wait.UntilAsync(() => callback.Attempts.Count == 10 && callback.Attempts[3] == 2);

        Assert.All(callback.Attempts, attempt => Assert.Equal(attempt.Key == 3 ? 2 : 1, attempt.Value));
        Assert.Equal(("telemetry", "pubsub", "/bulk"), callback.Address);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Interlocked.CompareExchange(ref most, value, seen))
        {
        }
    }

    private static object Subscription(int maxMessages, bool retry = false) => new
    {
        pubsubname = "pubsub",
        topic = "telemetry",
        route = "/bulk",
        deadLetterTopic = retry ? "telemetry.dead" : null,
        bulkSubscribe = new { enabled = true, maxMessagesCount = maxMessages, maxAwaitDurationMs = 1000 },
    };

    private void Retries(string policy) => _sidecars.Resource("resiliency.yaml", $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata:
          name: delivery
        spec:
          policies:
            retries:
              again: {{policy}}
          targets:
            components:
              pubsub:
                inbound: { retry: again }
        """);

    private async Task StartAsync(Inbox inbox, int messages)
    {
        // Published before the app listens, so that the first bulk finds them all; a broker within one process cannot do that.
        if (!Target.IsProcess)
        {
            await PublishAsync(await _sidecars.StartReadyAsync("publisher"), messages);
        }

        var fleet = await _sidecars.StartReadyAsync("fleet", await _sidecars.AppAsync(TestApp.HttpAsync(inbox.Map)));
        if (Target.IsProcess)
        {
            await PublishAsync(fleet, messages);
        }
    }

    private async Task PublishAsync(ISidecarUnderTest sidecar, int messages)
    {
        using var dapr = _sidecars.Client(sidecar);
        await dapr.BulkPublishEventAsync("pubsub", "telemetry", Enumerable.Range(0, messages).ToList(), cancellationToken: Cancel);
    }

    private sealed class Callback
    {
        public ConcurrentDictionary<int, int> Attempts { get; } = new();

        public (string Topic, string PubSub, string Path) Address { get; private set; }

        public static ListTopicSubscriptionsResponse Subscriptions() => new()
        {
            Subscriptions =
            {
                new TopicSubscription
                {
                    PubsubName = "pubsub", Topic = "telemetry", Routes = new TopicRoutes { Default = "/bulk" },
                    BulkSubscribe = new BulkSubscribeConfig { Enabled = true, MaxMessagesCount = 10, MaxAwaitDurationMs = 20 },
                },
            },
        };

        public TopicEventBulkResponse Handle(TopicEventBulkRequest request)
        {
            Address = (request.Topic, request.PubsubName, request.Path);
            var response = new TopicEventBulkResponse();
            foreach (var entry in request.Entries)
            {
                var number = int.Parse(entry.CloudEvent.Data.ToStringUtf8(), System.Globalization.CultureInfo.InvariantCulture);
                var attempt = Attempts.AddOrUpdate(number, 1, (_, n) => n + 1);
                response.Statuses.Add(new TopicEventBulkResponseEntry { EntryId = entry.EntryId, Status = number == 3 && attempt == 1 ? Status.Retry : Status.Success });
            }

            return response;
        }
    }

    private sealed class NewCallback(Callback callback) : AppCallback.AppCallbackBase
    {
        public override Task<ListTopicSubscriptionsResponse> ListTopicSubscriptions(Empty request, ServerCallContext context) => Task.FromResult(Callback.Subscriptions());

        public override Task<TopicEventBulkResponse> OnBulkTopicEvent(TopicEventBulkRequest request, ServerCallContext context) => Task.FromResult(callback.Handle(request));
    }

    private sealed class OldCallback : AppCallback.AppCallbackBase
    {
        public override Task<ListTopicSubscriptionsResponse> ListTopicSubscriptions(Empty request, ServerCallContext context) => Task.FromResult(Callback.Subscriptions());
    }

    private sealed class AlphaCallback(Callback callback) : AppCallbackAlpha.AppCallbackAlphaBase
    {
        [Obsolete("Apps built with an older SDK have only this one.")]
        public override Task<TopicEventBulkResponse> OnBulkTopicEventAlpha1(TopicEventBulkRequest request, ServerCallContext context) => Task.FromResult(callback.Handle(request));
    }
}
