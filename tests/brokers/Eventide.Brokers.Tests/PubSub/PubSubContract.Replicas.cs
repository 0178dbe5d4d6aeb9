using Eventide.Sidecar.Tests.Support;

namespace Eventide.Brokers.Tests.PubSub;

/// <content>Consumers that die, stop, hang, come and go.</content>
public abstract partial class PubSubContract
{
    [Fact]
    [Behaviour(Behaviour.RedeliveryAfterCrash)]
    public async Task A_message_in_the_hand_of_a_killed_sidecar_goes_to_another()
    {
        Assert.SkipWhen(broker.Difference(Behaviour.RedeliveryAfterCrash) is not null, broker.Difference(Behaviour.RedeliveryAfterCrash) ?? "");
        var victim = await StartAsync("shop", StuckInbox(), asProcess: true);
        await PublishAsync(victim, 0, 5);
        await victim.Inbox.ReceivedAsync(1);
        var heir = broker.IsEmbedded ? null : await StartAsync("shop");

        await victim.KillAsync();

        heir ??= await StartAsync("shop", asProcess: true);
        await Wait.UntilAsync(() => heir.Inbox.Deliveries.Count > 0);
        await AllArriveAsync(0, 5, heir);
    }

    [Fact]
    [Behaviour(Behaviour.Draining)]
    public async Task A_stop_finishes_what_is_in_hand_and_leaves_the_rest_to_others()
    {
        var leaving = await StartAsync("shop", StuckInbox(), configure: options => options with { GracefulShutdown = TimeSpan.FromSeconds(30) });
        var publisher = await StartPublisherAsync();
        await PublishAsync(publisher, 0, 40);
        await leaving.Inbox.ReceivedAsync(1);

        var stopping = leaving.StopAsync().AsTask();
        Assert.False(stopping.IsCompleted);
        _gate.SetResult();
        await stopping.WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        var handled = leaving.Numbers.ToHashSet();
        var staying = await StartAsync("shop");
        await AllArriveAsync(0, 40, leaving, staying);
        Assert.Equal(handled.Count, leaving.Numbers.Count);
        Assert.Empty(staying.Numbers.Intersect(handled));
    }

    [Fact]
    [Behaviour(Behaviour.StopDuringRetry)]
    public async Task What_is_being_retried_at_the_stop_stays_with_the_broker_and_is_no_dead_letter()
    {
        WritePolicy("policy: constant, duration: 1h, maxRetries: 3");
        Inbox Refusing(int status) => new Inbox { Status = delivery => delivery.Path == "/orders" ? status : 200 }
            .Subscribe(new { pubsubname = "pubsub", topic = Topic, route = "/orders", deadLetterTopic = DeadTopic })
            .Subscribe(new { pubsubname = "pubsub", topic = DeadTopic, route = "/dead" });
        var leaving = await StartAsync("shop", Refusing(500));
        await PublishAsync(leaving, 1, 1);
        await leaving.Inbox.ReceivedAsync(1);

        await leaving.StopAsync();

        var staying = await StartAsync("shop", Refusing(200));
        if (broker.Difference(Behaviour.StopDuringRetry) is null)
        {
            await AllArriveAsync(1, 1, staying);
        }

        await PublishAsync(staying, 2, 20);
        await AllArriveAsync(2, 20, staying);
        Assert.All(leaving.Inbox.Deliveries.Concat(staying.Inbox.Deliveries), delivery => Assert.Equal("/orders", delivery.Path));
    }

    [Fact]
    public async Task A_bulk_that_is_being_retried_at_the_stop_stays_with_the_broker()
    {
        WritePolicy("policy: constant, duration: 1h, maxRetries: 3");
        Inbox Bulks(int status) => new Inbox { Status = _ => status, Answer = bulk => Task.FromResult(bulk.Statuses(_ => "SUCCESS")) }.Subscribe(new
        {
            pubsubname = "pubsub",
            topic = Topic,
            route = "/bulk",
            deadLetterTopic = DeadTopic,
            bulkSubscribe = new { enabled = true, maxMessagesCount = 5, maxAwaitDurationMs = 50 },
        });
        var (refusing, taking) = (Bulks(500), Bulks(200));
        var leaving = await StartAsync("shop", refusing);
        await PublishAsync(leaving, 1, 5);
        await refusing.ReceivedAsync(1);

        await leaving.StopAsync();

        await StartAsync("shop", taking);
        if (broker.Difference(Behaviour.StopDuringRetry) is null)
        {
            await Wait.UntilAsync(() => taking.Deliveries.SelectMany(bulk => bulk.Numbers).ToHashSet().SetEquals([1, 2, 3, 4, 5]));
        }
    }

    [Fact]
    [Behaviour(Behaviour.JoinAndLeave)]
    public async Task Replicas_that_come_and_go_under_load_lose_nothing()
    {
        var stays = await StartAsync("shop");
        var publisher = await StartPublisherAsync();
        var published = 0;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var publishing = Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    await PublishAsync(publisher, published, 25);
                    published += 25;
                }
            },
            Cancel);

        var guests = new List<Replica>();
        for (var visit = 0; visit < 3; visit++)
        {
            var guest = await StartAsync("shop");
            guests.Add(guest);
            await Wait.UntilAsync(() => guest.Inbox.Deliveries.Count >= 10);
            await guest.StopAsync();
        }

        await enough.CancelAsync();
        await publishing;
        await AllArriveAsync(0, published, [stays, .. guests]);
    }

    [Fact]
    [Behaviour(Behaviour.SlowConsumer)]
    public async Task A_stuck_replica_holds_few_messages_and_the_others_get_the_rest()
    {
        var publisher = await StartPublisherAsync();
        var isStuck = false;
        var inbox = new Inbox
        {
            Answer = async _ =>
            {
                if (Volatile.Read(ref isStuck))
                {
                    await _gate.Task;
                }

                return Success;
            },
        }.Subscribe(Topic);
        var (stuck, quick) = (await StartAsync("shop", inbox), await StartAsync("shop"));
        await UntilAllServeAsync(publisher, stuck, quick);
        Volatile.Write(ref isStuck, true);

        await PublishAsync(publisher, 0, 400);

        int Quick() => quick.Numbers.Count(number => number >= 0);
        if (broker.MostHeldByStuckReplica is { } most)
        {
            await Wait.UntilAsync(() => Quick() >= 400 - most);
            Assert.InRange(stuck.Numbers.Count(number => number >= 0), 0, most);
        }
        else
        {
            Assert.NotNull(broker.Difference(Behaviour.SlowConsumer));
            await Wait.UntilAsync(() => Quick() > 0 && stuck.Numbers.Any(number => number >= 0));
        }

        _gate.SetResult();
        await AllArriveAsync(0, 400, stuck, quick);
    }
}
