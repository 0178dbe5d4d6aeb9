using Eventide.Sidecar.Tests.Support;

namespace Eventide.Brokers.Tests.PubSub;

/// <content>What becomes of a message that the app does not take.</content>
public abstract partial class PubSubContract
{
    [Fact]
    [Behaviour(Behaviour.Retry)]
    public async Task A_refused_message_is_tried_again_until_the_app_takes_it()
    {
        var inbox = new Inbox().Subscribe(Topic);
        inbox.Status = delivery => delivery.Number == 1 && inbox.Deliveries.Count(other => other.Number == 1) < 3 ? 500 : 200;
        var app = await StartAsync("shop", inbox);

        await PublishAsync(app, 1, 1);
        await Wait.UntilAsync(() => inbox.Deliveries.Count == 3);

        await PublishAsync(app, 2, 20);
        await AllArriveAsync(2, 20, app);
        Assert.Equal(3, app.Numbers.Count(number => number == 1));
    }

    [Fact]
    [Behaviour(Behaviour.DeadLetter)]
    public async Task After_the_last_attempt_a_message_is_a_dead_letter_and_comes_no_more()
    {
        var inbox = new Inbox { Answer = delivery => Task.FromResult(delivery.Path == "/dead" ? Success : Retry) }
            .Subscribe(new { pubsubname = "pubsub", topic = Topic, route = "/orders", deadLetterTopic = DeadTopic })
            .Subscribe(new { pubsubname = "pubsub", topic = DeadTopic, route = "/dead" });
        var app = await StartAsync("shop", inbox);
        await app.Client.PublishEventAsync("pubsub", Topic, 1, new Dictionary<string, string> { ["cloudevent.id"] = "e-1" }, Cancel);

        await Wait.UntilAsync(() => inbox.Deliveries.Any(delivery => delivery.Path == "/dead"));

        Assert.Equal("e-1", Assert.Single(inbox.Deliveries, delivery => delivery.Path == "/dead").Id);

        // That nothing comes can only be seen by looking for as long as the broker takes to bring a message again.
        await Task.Delay(broker.RedeliversAfter, Cancel);
        Assert.Equal(["/dead", "/orders", "/orders", "/orders"], inbox.Deliveries.Select(delivery => delivery.Path).Order());
    }

    [Fact]
    [Behaviour(Behaviour.RedeliveryWithoutDeadLetter)]
    public async Task Without_a_dead_letter_topic_a_refused_message_comes_again_by_itself()
    {
        WritePolicy(null);
        var inbox = new Inbox().Subscribe(Topic);
        inbox.Status = _ => inbox.Deliveries.Count < 3 ? 500 : 200;
        var app = await StartAsync("shop", inbox);

        await PublishAsync(app, 1, 1);

        await inbox.ReceivedAsync(1);
        if (broker.Difference(Behaviour.RedeliveryWithoutDeadLetter) is null)
        {
            await inbox.ReceivedAsync(3);
            return;
        }

        await Task.Delay(broker.RedeliversAfter, Cancel);
        Assert.Single(inbox.Deliveries);
    }

    [Fact]
    [Behaviour(Behaviour.PoisonMessage)]
    public async Task Messages_that_nobody_can_handle_do_not_hold_up_the_others()
    {
        var inbox = new Inbox { Answer = delivery => Task.FromResult(delivery.Path == "/orders" && delivery.Number == 0 ? Retry : Success) }
            .Subscribe(new { pubsubname = "pubsub", topic = Topic, route = "/orders", deadLetterTopic = DeadTopic })
            .Subscribe(new { pubsubname = "pubsub", topic = DeadTopic, route = "/dead", metadata = new { rawPayload = "true" } });
        var app = await StartAsync("shop", inbox);
        await app.Client.PublishByteEventAsync(
            "pubsub", Topic, "no { json"u8.ToArray(), "application/json", new Dictionary<string, string> { ["rawPayload"] = "true", ["partitionKey"] = "same" }, Cancel);
        for (var number = 0; number < 20; number++)
        {
            await app.Client.PublishEventAsync("pubsub", Topic, number, new Dictionary<string, string> { ["partitionKey"] = "same" }, Cancel);
        }

        await Wait.UntilAsync(() => inbox.Deliveries.Count(delivery => delivery.Path == "/dead") == 2);
        await Wait.UntilAsync(() =>
            inbox.Deliveries.Where(delivery => delivery.Path == "/orders").Select(delivery => delivery.Number).Distinct().Count() == 20);
        Assert.Contains(inbox.Deliveries, delivery => delivery.Path == "/dead" && delivery.Body.GetProperty("data_base64").GetBytesFromBase64().AsSpan().SequenceEqual("no { json"u8));
    }

    [Fact]
    [Behaviour(Behaviour.TimeToLive)]
    public async Task A_message_whose_time_is_over_does_not_arrive()
    {
        // The subscription exists, and nobody is there while the time runs out.
        var first = await StartAsync("shop");
        var publisher = await StartPublisherAsync();
        await UntilAllServeAsync(publisher, first);
        await first.StopAsync();
        await publisher.Client.PublishEventAsync("pubsub", Topic, 1, new Dictionary<string, string> { ["ttlInSeconds"] = "1" }, Cancel);
        await publisher.Client.PublishEventAsync("pubsub", Topic, 2, new Dictionary<string, string> { ["ttlInSeconds"] = "600" }, Cancel);
        await PublishAsync(publisher, 3, 1);
        await Task.Delay(TimeSpan.FromSeconds(1.5), Cancel);

        var again = await StartAsync("shop");

        await AllArriveAsync(2, 2, again);
        await PublishAsync(publisher, 4, 20);
        await AllArriveAsync(4, 20, again);
        Assert.DoesNotContain(1, again.Numbers);
    }

    [Fact]
    [Behaviour(Behaviour.LargeMessage)]
    public async Task A_message_over_the_limit_is_refused_with_a_reason_and_the_next_one_passes()
    {
        var content = new string('x', 10_000_000);
        var app = await StartAsync("shop");

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => app.Client.PublishEventAsync("pubsub", Topic, content, Cancel));

        Assert.Contains("ResourceExhausted", failure.ToString());
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Sidecar.HttpEndpoint, $"/v1.0/publish/pubsub/{Topic}"))
        {
            Content = new StringContent(content),
            Headers = { ExpectContinue = true },
        };
        using var answer = await http.SendAsync(request, Cancel);
        Assert.Equal(413, (int)answer.StatusCode);
        Assert.Contains("larger than", await answer.Content.ReadAsStringAsync(Cancel));
        await PublishAsync(app, 1, 1);
        await AllArriveAsync(1, 1, app);
    }

    [Fact]
    [Behaviour(Behaviour.LargeMessage)]
    public async Task A_message_of_ten_megabytes_passes_where_sidecar_and_broker_allow_it()
    {
        var content = new string('x', 10_000_000);
        var app = await StartAsync("shop", configure: options => options with { MaxBodySize = 16 * 1024 * 1024 });

        if (broker.Difference(Behaviour.LargeMessage) is null)
        {
            await app.Client.PublishEventAsync("pubsub", Topic, content, Cancel);
            Assert.Equal(content.Length, (await app.Inbox.ReceivedAsync(1))[0].Body.GetProperty("data").GetString()!.Length);
            return;
        }

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => app.Client.PublishEventAsync("pubsub", Topic, content, Cancel));
        Assert.Contains($"error when publishing to topic {Topic} in pubsub pubsub: ", failure.ToString());
        await PublishAsync(app, 1, 1);
        await AllArriveAsync(1, 1, app);
    }

    [Fact]
    [Behaviour(Behaviour.Scopes)]
    public async Task A_topic_that_the_scopes_deny_is_refused_with_a_sentence()
    {
        WriteComponent(("publishingScopes", $"shop-{_run}={Topic}"), ("protectedTopics", $"{Topic},{DeadTopic}"));
        var app = await StartAsync("shop");

        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri(app.Sidecar.HttpEndpoint, $"/v1.0/publish/pubsub/{DeadTopic}"), new StringContent("1"), Cancel);
        Assert.Equal(403, (int)answer.StatusCode);
        Assert.Contains($"topic {DeadTopic} is not allowed for app id shop-{_run}", await answer.Content.ReadAsStringAsync(Cancel));
        await PublishAsync(app, 1, 1);
    }
}
