using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Eventide.Brokers.Servers;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Components.PubSub.Kafka;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Brokers.Tests.Kafka;

/// <summary>What becomes of messages when brokers fail, are slow, refuse, or share out their partitions anew.</summary>
public sealed class KafkaFaultTests : IAsyncLifetime
{
    private const string Topic = "orders";
    private readonly ConcurrentQueue<(string Replica, string Text)> _handled = new();
    private KafkaMock _mock = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IEnumerable<string> Handled => _handled.Select(message => message.Text);

    public async ValueTask InitializeAsync()
    {
        _mock = await KafkaMock.StartAsync();
        _mock.Server.CreateTopic(Topic, 8);
    }

    public ValueTask DisposeAsync() => _mock.DisposeAsync();

    [Theory]
    [InlineData(ErrorCode.NotLeaderForPartition)]
    [InlineData(ErrorCode.NotEnoughReplicas)]
    [InlineData(ErrorCode.RequestTimedOut)]
    public async Task A_broker_that_refuses_for_a_moment_costs_neither_a_message_nor_the_order(ErrorCode error)
    {
        var component = await _mock.OpenAsync("shop");
        await using var subscription = await SubscribeAsync(component, "one");

        // One after the other: the mock does not refuse a batch whose predecessor it has refused, as a broker does.
        foreach (var number in Numbers(0, 20))
        {
            if (number == "5")
            {
                _mock.Server.FailNext(KafkaRequest.Produce, error, error, error);
            }

            await component.PublishAsync(KafkaMock.Message(Topic, number, "same"), Cancel);
        }

        await Wait.UntilAsync(() => _handled.Count >= 20);
        Assert.Equal(Numbers(0, 20), Handled);
    }

    [Fact]
    public async Task A_client_that_may_not_send_idempotently_sends_one_batch_at_a_time()
    {
        _mock.Server.FailNext(KafkaRequest.InitProducerId, ErrorCode.ClusterAuthorizationFailed);
        var component = await _mock.OpenAsync("shop");

        var failures = await component.PublishManyAsync([.. Numbers(0, 200).Select(number => KafkaMock.Message(Topic, number, number))], Cancel);
        Assert.All(failures, Assert.Null);

        await using var subscription = await SubscribeAsync(component, "one");
        await Wait.UntilAsync(() => _handled.Count >= 200);
        Assert.Equal(Numbers(0, 200).Order(), Handled.Order());
        Assert.Contains(_mock.Log.Lines, line => line.StartsWith("Kafka does not let this client send idempotently;", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_waits_in_a_client_that_fails_for_good_goes_out_in_order_with_its_successor()
    {
        await using var sender = _mock.CreateSender();
        await _mock.Server.StopAsync(Cancel);
        var answers = new List<Task>();
        foreach (var number in Numbers(0, 20))
        {
            var message = KafkaMock.Message(Topic, number);
            var record = new Message<byte[]?, byte[]?> { Value = message.Data.ToArray() };
            answers.Add(await sender.SendAsync(new OutgoingRecord(new TopicPartition(Topic, 0), null, record, message), Cancel));
        }

        MockKafka.FailForGood(sender.Handle, ErrorCode.ClusterAuthorizationFailed, "not allowed to be idempotent");
        await _mock.Server.StartAsync(Cancel);

        await Task.WhenAll(answers).WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        await using var subscription = await SubscribeAsync(await _mock.OpenAsync("shop"), "one");
        await Wait.UntilAsync(() => _handled.Count >= 20);
        Assert.Equal(Numbers(0, 20), Handled);
        Assert.Single(_mock.Log.Lines, line => line.StartsWith("Kafka does not let this client send idempotently;", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_broker_publishing_fails_in_time_with_a_sentence_and_both_ways_go_on_when_it_is_back()
    {
        var component = await _mock.OpenAsync("shop", ("writeTimeout", "2s"));
        await using var subscription = await SubscribeAsync(component, "one");
        await component.PublishAsync(KafkaMock.Message(Topic, "before"), Cancel);
        await Wait.UntilAsync(() => _handled.Count == 1);
        await _mock.Server.StopAsync(Cancel);

        var begin = Stopwatch.GetTimestamp();
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => component.PublishAsync(KafkaMock.Message(Topic, "while"), Cancel));
        Assert.True(Stopwatch.GetElapsedTime(begin) < TimeSpan.FromSeconds(10), $"took {Stopwatch.GetElapsedTime(begin)}");
        Assert.Equal($"Kafka at {_mock.Server.Address} did not confirm the message within 2 s (writeTimeout of component pubsub)", failure.Message);
        // The client itself finds out in its own time.
        bool IsSaid(string line) => line.StartsWith($"Kafka at {_mock.Server.Address} cannot be reached;", StringComparison.Ordinal);
        await Wait.UntilAsync(() => _mock.Log.Lines.Any(IsSaid));

        await _mock.Server.StartAsync(Cancel);
        await Wait.UntilAsync(async () => (await component.PublishManyAsync([KafkaMock.Message(Topic, "after")], Cancel))[0] is null);
        await Wait.UntilAsync(() => Handled.Contains("after"));
        Assert.Single(_mock.Log.Lines, IsSaid);
    }

    [Fact]
    public async Task A_start_without_a_broker_waits_then_says_where_it_looked()
    {
        using var log = new LogLines();
        await using var component = KafkaMock.Create("127.0.0.1:1", "shop", log);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3));

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => component.InitializeAsync(patience.Token));

        Assert.StartsWith("no broker of Kafka answers at 127.0.0.1:1 (brokers): ", failure.Message);
        Assert.EndsWith("Start it, or correct the address; spec.initTimeout says how long to wait", failure.Message);
        Assert.Contains(log.Lines, line => line.StartsWith("Waiting for Kafka at 127.0.0.1:1: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_subscription_ends_in_time_although_no_broker_answers(bool isReachable)
    {
        var component = await _mock.OpenAsync("shop");
        var subscription = await SubscribeAsync(component, "one");
        await component.PublishAsync(KafkaMock.Message(Topic, "1"), Cancel);
        await Wait.UntilAsync(() => _handled.Count == 1);
        if (isReachable)
        {
            _mock.Server.SetLatency(TimeSpan.FromMinutes(1));
        }
        else
        {
            await _mock.Server.StopAsync(Cancel);
        }

        // Twice the session's time, and what a busy machine needs.
        await subscription.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancel);
    }

    [Fact]
    public async Task A_message_above_the_limit_is_refused_with_both_numbers()
    {
        var component = await _mock.OpenAsync("shop", ("maxMessageBytes", "10000"));
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => component.PublishAsync(KafkaMock.Message(Topic, new string('x', 20_000)), Cancel));
        Assert.Equal("the message has 20000 bytes, more than maxMessageBytes of component pubsub allows (10000)", failure.Message);
        await component.PublishAsync(KafkaMock.Message(Topic, "small"), Cancel);
    }

    [Fact]
    public async Task A_handler_that_takes_longer_than_the_session_keeps_its_partition_and_holds_up_no_other()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var component = await _mock.OpenAsync("shop");
        await using var subscription = await SubscribeAsync(component, "one", message => message == "slow" ? gate.Task : Task.CompletedTask);
        await component.PublishAsync(KafkaMock.Message(Topic, "slow", null, ("partitionNumber", "0")), Cancel);
        await component.PublishAsync(KafkaMock.Message(Topic, "behind", null, ("partitionNumber", "0")), Cancel);
        foreach (var number in Numbers(0, 50))
        {
            await component.PublishAsync(KafkaMock.Message(Topic, number, null, ("partitionNumber", "1")), Cancel);
        }

        await Wait.UntilAsync(() => Numbers(0, 50).All(Handled.Contains));

        // Three sessions long, and nobody else gets the partition.
        await Task.Delay(TimeSpan.FromSeconds(6), Cancel);
        Assert.DoesNotContain("behind", Handled);
        gate.SetResult();
        await Wait.UntilAsync(() => Handled.Contains("behind"));
        Assert.Equal(52, _handled.Count);
    }

    [Fact]
    public async Task What_waits_in_memory_is_bounded_and_the_rest_comes_in_order_once_there_is_room()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var component = await _mock.OpenAsync("shop", ("channelBufferSize", "10"));
        await component.PublishManyAsync([.. Numbers(0, 200).Select(number => KafkaMock.Message(Topic, number, "same"))], Cancel);
        await using var subscription = await SubscribeAsync(component, "one", _ => gate.Task);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancel);
        Assert.Empty(Handled);

        gate.SetResult();

        await Wait.UntilAsync(() => _handled.Count >= 200);
        Assert.Equal(Numbers(0, 200), Handled);
    }

    [Fact]
    public async Task A_replica_that_joins_and_leaves_costs_no_message_and_each_key_stays_in_order()
    {
        var stays = await _mock.OpenAsync("shop");
        await using var subscription = await SubscribeAsync(stays, "stays");
        var guest = await _mock.OpenAsync("shop");
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var published = 0;
        var publishing = Task.Run(
            async () =>
            {
                for (; !enough.IsCancellationRequested; published++)
                {
                    await stays.PublishManyAsync([.. Enumerable.Range(0, 10).Select(key => KafkaMock.Message(Topic, $"{key} {published}", $"key-{key}"))], Cancel);
                    await Task.Delay(5, Cancel);
                }
            },
            Cancel);

        for (var visit = 0; visit < 2; visit++)
        {
            var before = _handled.Count(message => message.Replica == "guest");
            var visiting = await SubscribeAsync(guest, "guest");
            await Wait.UntilAsync(() => _handled.Count(message => message.Replica == "guest") > before + 20);
            await visiting.DisposeAsync();
        }

        await enough.CancelAsync();
        await publishing;
        await Wait.UntilAsync(() => Handled.Distinct().Count() == published * 10);
        foreach (var key in _handled.Select(message => message.Text.Split(' ')).GroupBy(parts => parts[0], parts => int.Parse(parts[1])))
        {
            // Again is allowed, ahead is not: a number comes for the first time only after the one before it.
            var highest = -1;
            Assert.All(key, number => Assert.InRange(number, 0, number > highest ? ++highest : highest));
        }
    }

    private Task<IAsyncDisposable> SubscribeAsync(IPubSub component, string replica, Func<string, Task>? handler = null) =>
        KafkaMock.SubscribeAsync(component, Topic, "shop", async (message, _) =>
        {
            var text = Encoding.UTF8.GetString(message.Data.Span);
            await (handler?.Invoke(text) ?? Task.CompletedTask);
            _handled.Enqueue((replica, text));
        });

    private static IEnumerable<string> Numbers(int first, int count) => Enumerable.Range(first, count).Select(number => $"{number}");
}
