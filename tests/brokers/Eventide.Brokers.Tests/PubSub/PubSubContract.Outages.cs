using System.Collections.Concurrent;
using System.Diagnostics;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Brokers.Tests.PubSub;

/// <content>A broker that is stopped, killed, and comes back.</content>
public abstract partial class PubSubContract
{
    private static readonly TimeSpan LongestFailure = TimeSpan.FromSeconds(15);

    [Fact]
    [Behaviour(Behaviour.BrokerRestart)]
    public async Task While_the_broker_is_stopped_publishing_fails_in_time_and_afterwards_all_goes_on()
    {
        Assert.SkipWhen(broker.Difference(Behaviour.BrokerRestart) is not null, broker.Difference(Behaviour.BrokerRestart) ?? "");
        var app = await StartAsync("shop");
        var publisher = await StartPublisherAsync();
        await PublishAsync(publisher, 0, 50);
        await AllArriveAsync(0, 50, app);

        await broker.StopAsync();
        var begin = Stopwatch.GetTimestamp();
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => PublishAsync(publisher, 1000, 1).WaitAsync(TimeSpan.FromSeconds(60), Cancel));
        var took = Stopwatch.GetElapsedTime(begin);
        Assert.True(took < LongestFailure, $"The publish failed after {took}: {failure}");
        Assert.Contains($"error when publishing to topic {Topic} in pubsub pubsub: ", failure.ToString());

        await broker.StartAsync();
        await Wait.UntilAsync(() => TryPublishAsync(publisher, 50));
        await PublishAsync(publisher, 51, 50);
        await AllArriveAsync(0, 101, app);
    }

    [Fact]
    [Behaviour(Behaviour.BrokerKill)]
    public async Task What_was_acknowledged_survives_a_broker_that_is_killed()
    {
        Assert.SkipWhen(broker.Difference(Behaviour.BrokerKill) is not null, broker.Difference(Behaviour.BrokerKill) ?? "");
        var before = await StartAsync("shop", asProcess: broker.IsEmbedded);
        var publisher = broker.IsEmbedded ? before : await StartPublisherAsync();
        await PublishAsync(publisher, 0, 20);
        await AllArriveAsync(0, 20, before);
        if (!broker.IsEmbedded)
        {
            // What comes now stays with the broker: nobody takes it before the end.
            await before.StopAsync();
        }

        var acknowledged = new ConcurrentDictionary<int, bool>();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var publishing = Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(
            async () =>
            {
                for (var number = 1000 * (worker + 1); !enough.IsCancellationRequested; number++)
                {
                    if (!await TryPublishAsync(publisher, number))
                    {
                        return;
                    }

                    acknowledged[number] = true;
                }
            },
            Cancel)));
        await Wait.UntilAsync(() => acknowledged.Count >= 100);
        await (broker.IsEmbedded ? before.KillAsync() : broker.KillAsync());
        await enough.CancelAsync();
        await publishing.WaitAsync(TimeSpan.FromSeconds(60), Cancel);

        await broker.StartAsync();
        var after = await StartAsync("shop", asProcess: broker.IsEmbedded);
        await AllArriveAsync(acknowledged.Keys.ToHashSet(), before, after);
    }

    [Fact]
    [Behaviour(Behaviour.Ping)]
    public async Task A_broker_that_does_not_answer_is_noticed_and_its_return_too()
    {
        await using var component = broker.Component(_sidecars.Folder, $"shop-{_run}");
        await component.InitializeAsync(Cancel);
        await component.PingAsync(Cancel);
        Assert.SkipWhen(broker.Difference(Behaviour.Ping) is not null, broker.Difference(Behaviour.Ping) ?? "");

        await broker.StopAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => component.PingAsync(Cancel).WaitAsync(LongestFailure, Cancel));

        await broker.StartAsync();
        await Wait.UntilAsync(async () =>
        {
            try
            {
                await component.PingAsync(Cancel);
                return true;
            }
            catch (Exception) when (!Cancel.IsCancellationRequested)
            {
                return false;
            }
        });
    }

    private async Task<bool> TryPublishAsync(Replica from, int number)
    {
        try
        {
            await PublishAsync(from, number, 1);
            return true;
        }
        catch (Exception) when (!Cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}
