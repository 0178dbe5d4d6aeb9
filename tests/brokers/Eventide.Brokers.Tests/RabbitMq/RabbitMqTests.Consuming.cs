using System.Collections.Concurrent;
using System.Text;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Brokers.Tests.RabbitMq;

/// <content>Handlers that fail, queues that vanish, one message at a time.</content>
public sealed partial class RabbitMqTests
{
    [Fact]
    public async Task A_message_that_is_refused_again_and_again_comes_back_slowly()
    {
        await using var broker = await RabbitMqNode.OpenAsync(Settings());
        var attempts = 0;
        var others = new ConcurrentQueue<PubSubMessage>();
        await using var subscription = await broker.SubscribeAsync(
            Request(),
            (message, token) => Text(message) == "poison" ? throw new InvalidOperationException($"attempt {Interlocked.Increment(ref attempts)}") : Into(others)(message, token),
            Cancel);
        await broker.PublishAsync(Message("poison"), Cancel);
        await Wait.UntilAsync(() => Volatile.Read(ref attempts) == 2);

        // While it waits for its third attempt, 5 s later, the others go on.
        for (var number = 0; number < 100; number++)
        {
            await broker.PublishAsync(Message($"{number}"), Cancel);
        }

        await Wait.UntilAsync(() => others.Count == 100);
        await Wait.UntilAsync(() => Volatile.Read(ref attempts) == 3);
    }

    [Theory]
    [InlineData("false", 0)]
    [InlineData("true", 1)]
    public async Task Without_requeue_a_refused_message_is_dropped_or_in_the_broker_s_own_dead_letter_queue(string deadLetters, int kept)
    {
        await using var broker = await RabbitMqNode.OpenAsync(Settings(("requeueInFailure", "false"), ("enableDeadLetter", deadLetters)), _log);
        var attempts = 0;
        await using var subscription = await broker.SubscribeAsync(
            Request(), (_, _) => throw new InvalidOperationException($"attempt {Interlocked.Increment(ref attempts)}"), Cancel);

        await broker.PublishAsync(Message("1"), Cancel);

        await Wait.UntilAsync(() => _log.Lines.Count == 1);
        Assert.Equal(
            $"The app does not take a message of queue {Queue}; " + (kept == 1 ? $"it is in queue dlq-{Queue} now" : "it is gone, because requeueInFailure is false"), _log.Lines[0]);
        await Wait.UntilAsync(async () =>
        {
            var queues = await node.ListAsync("list_queues", "name", "messages");
            return queues.Single(row => row[0] == Queue)[1] == "0" && (kept == 0 || queues.Single(row => row[0] == $"dlq-{Queue}")[1] == "1");
        });
        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task With_concurrency_single_messages_are_handled_one_by_one_in_their_order()
    {
        await using var broker = await RabbitMqNode.OpenAsync(Settings(("concurrencyMode", "single")));
        var (inHand, most, received) = (0, 0, new ConcurrentQueue<string>());
        await using var subscription = await broker.SubscribeAsync(
            Request(),
            async (message, token) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref inHand));
                await Task.Delay(TimeSpan.FromMilliseconds(received.Count % 3), token);
                received.Enqueue(Text(message));
                Interlocked.Decrement(ref inHand);
            },
            Cancel);

        Assert.All(await broker.PublishManyAsync([.. Enumerable.Range(0, 100).Select(number => Message($"{number}"))], Cancel), Assert.Null);

        await Wait.UntilAsync(() => received.Count == 100);
        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"{number}"), received);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task A_queue_that_is_deleted_under_its_consumer_is_made_anew()
    {
        await using var broker = await RabbitMqNode.OpenAsync(Settings());
        var received = new ConcurrentQueue<PubSubMessage>();
        await using var subscription = await broker.SubscribeAsync(Request(), Into(received), Cancel);

        await node.Server!.ControlAsync(["delete_queue", Queue], Cancel);

        await Wait.UntilAsync(async () =>
        {
            await broker.PublishAsync(Message("again"), Cancel);
            return !received.IsEmpty;
        });
    }

    [Fact]
    public async Task Connections_that_the_broker_closes_come_back_for_publishers_and_consumers()
    {
        await using var broker = await RabbitMqNode.OpenAsync(Settings());
        var received = new ConcurrentQueue<PubSubMessage>();
        await using var subscription = await broker.SubscribeAsync(Request(), Into(received), Cancel);
        var acknowledged = new List<string>();
        for (var number = 0; number < 60; number++)
        {
            if (number == 20)
            {
                await node.Server!.ControlAsync(["close_all_connections", "test"], Cancel);
            }

            if (await TryPublishAsync(broker, $"{number}") is null)
            {
                acknowledged.Add($"{number}");
            }
        }

        Assert.Contains("59", acknowledged);
        await Wait.UntilAsync(() => acknowledged.Except(received.Select(Text)).FirstOrDefault() is null);
    }

    [Fact]
    public async Task A_stop_leaves_what_waits_for_its_next_attempt_to_the_broker()
    {
        await using var broker = await RabbitMqNode.OpenAsync(Settings());
        var refused = new TaskCompletionSource();
        var first = await broker.SubscribeAsync(Request(), (_, _) =>
        {
            refused.TrySetResult();
            throw new InvalidOperationException("not now");
        }, Cancel);
        await broker.PublishAsync(Message("1"), Cancel);
        await refused.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        await first.DisposeAsync();

        var received = new ConcurrentQueue<PubSubMessage>();
        await using var second = await broker.SubscribeAsync(Request(), Into(received), Cancel);
        await Wait.UntilAsync(() => received.Count == 1);
    }

    private static string Text(PubSubMessage message) => Encoding.UTF8.GetString(message.Data.Span);
}
