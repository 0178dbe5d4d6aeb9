using System.Collections.Concurrent;
using System.Globalization;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Brokers.Tests.PubSub;

/// <content>Everything at once, in an order that a seed decides.</content>
public abstract partial class PubSubContract
{
    private enum SoakStep
    {
        Publish,
        Join,
        Leave,
        StopBroker,
        KillBroker,
    }

    /// <summary>
    /// Replicas come and go, one message in ten is refused at first, the broker stops and is killed while messages are published. The environment variable SEED
    /// repeats a run, SOAK_STEPS makes it longer.
    /// </summary>
    [Fact]
    [Behaviour(Behaviour.Soak)]
    public async Task Whatever_happens_in_whatever_order_nothing_acknowledged_is_lost()
    {
        var seed = Setting("SEED") ?? Random.Shared.Next(1_000_000);
        var steps = Plan(new Random(seed), Setting("SOAK_STEPS") ?? 12);
        var story = $"SEED={seed}: {string.Join(' ', steps)}";
        TestContext.Current.TestOutputHelper?.WriteLine(story);
        var acknowledged = new ConcurrentDictionary<int, bool>();
        var refused = new ConcurrentDictionary<int, bool>();
        var replicas = new List<Replica> { await StartAsync("shop", ForgetfulInbox(refused)) };
        var running = new List<Replica>(replicas);
        var publisher = await StartPublisherAsync();
        await UntilAllServeAsync(publisher, running[0]);
        var (choice, next) = (new Random(seed), 0);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var trickle = TrickleAsync(publisher, acknowledged, enough.Token);
        foreach (var step in steps)
        {
            switch (step)
            {
                case SoakStep.Publish:
                    var (first, count) = (next, choice.Next(20, 120));
                    next += count;
                    await Parallel.ForEachAsync(Enumerable.Range(first, count), Cancel, async (number, _) => await NoteAsync(publisher, number, acknowledged));
                    break;
                case SoakStep.Join:
                    running.Add(await StartAsync("shop", ForgetfulInbox(refused)));
                    replicas.Add(running[^1]);
                    break;
                case SoakStep.Leave:
                    var leaving = running[choice.Next(running.Count)];
                    running.Remove(leaving);
                    await leaving.StopAsync();
                    break;
                case SoakStep.StopBroker:
                    await broker.StopAsync();
                    await broker.StartAsync();
                    break;
                default:
                    await broker.KillAsync();
                    await broker.StartAsync();
                    break;
            }
        }

        await enough.CancelAsync();
        await trickle;
        if (running.Count == 0)
        {
            replicas.Add(await StartAsync("shop"));
        }

        try
        {
            await AllArriveAsync(acknowledged.Keys.ToHashSet(), [.. replicas]);
        }
        catch (Xunit.Sdk.XunitException lost)
        {
            Assert.Fail($"{lost.Message}\n{story}");
        }
    }

    private static int? Setting(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Any order that makes sense: never more than three replicas, no leave without one, at most one outage in five steps.</summary>
    private List<SoakStep> Plan(Random random, int length)
    {
        var steps = new List<SoakStep>();
        var (replicas, outages) = (1, 0);
        while (steps.Count < length)
        {
            var step = (SoakStep)random.Next(5);
            var makesSense = step switch
            {
                SoakStep.Join => replicas < 3,
                SoakStep.Leave => replicas > 0,
                SoakStep.StopBroker => !broker.IsEmbedded && outages <= steps.Count / 5,
                SoakStep.KillBroker => !broker.IsEmbedded && outages <= steps.Count / 5 && broker.Difference(Behaviour.BrokerKill) is null,
                _ => true,
            };
            if (makesSense)
            {
                steps.Add(step);
                replicas += step == SoakStep.Join ? 1 : step == SoakStep.Leave ? -1 : 0;
                outages += step >= SoakStep.StopBroker ? 1 : 0;
            }
        }

        return steps;
    }

    private Inbox ForgetfulInbox(ConcurrentDictionary<int, bool> refused) => new Inbox
    {
        Answer = delivery => Task.FromResult(delivery.Number % 10 == 3 && refused.TryAdd(delivery.Number, true) ? Retry : Success),
    }.Subscribe(Topic);

    /// <summary>Publishes one message after the other, from a million on, so that some are on the way whatever happens.</summary>
    private async Task TrickleAsync(Replica publisher, ConcurrentDictionary<int, bool> acknowledged, CancellationToken enough)
    {
        for (var number = 1_000_000; !enough.IsCancellationRequested; number++)
        {
            await NoteAsync(publisher, number, acknowledged);
            await Task.Delay(TimeSpan.FromMilliseconds(5), enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task NoteAsync(Replica publisher, int number, ConcurrentDictionary<int, bool> acknowledged)
    {
        if (await TryPublishAsync(publisher, number))
        {
            acknowledged[number] = true;
        }
    }
}
