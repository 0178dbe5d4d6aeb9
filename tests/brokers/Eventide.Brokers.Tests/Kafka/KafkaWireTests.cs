using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using Eventide.Brokers.Tests.Support;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Brokers.Tests.Kafka;

/// <summary>What stands in Kafka, read and written by a client that knows nothing of us: the layout that Dapr's own sidecar uses.</summary>
public sealed class KafkaWireTests : IAsyncLifetime
{
    private const string Topic = "orders";
    private KafkaMock _mock = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _mock = await KafkaMock.StartAsync();
        _mock.Server.CreateTopic(Topic, 8);
    }

    public ValueTask DisposeAsync() => _mock.DisposeAsync();

    [Fact]
    public async Task A_record_has_the_event_as_value_the_partition_key_as_key_and_all_metadata_as_headers()
    {
        var component = await _mock.OpenAsync("shop", ("excludeHeaderMetaRegex", "^rawPayload$"));
        await component.PublishAsync(KafkaMock.Message(Topic, """{"id":"e-1"}""", "o-1", ("tenant", "nörth"), ("rawPayload", "true")), Cancel);

        var record = Read(1)[0];

        Assert.Equal(("o-1", """{"id":"e-1"}"""), (Text(record.Message.Key), Text(record.Message.Value)));
        Assert.Equal(
            ["partitionKey=o-1", "tenant=nörth"], record.Message.Headers.Select(header => $"{header.Key}={Text(header.GetValueBytes())}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_group_and_topic_that_the_chart_lets_KEDA_watch_have_the_offsets_that_a_subscription_commits()
    {
        foreach (var (app, topic) in RenderedTriggers.Of("kafka", "consumerGroup", "topic").DistinctBy(trigger => trigger.First).Take(2))
        {
            if (topic != Topic)
            {
                _mock.Server.CreateTopic(topic, 1);
            }

            var component = await _mock.OpenAsync(app);
            await component.PublishAsync(KafkaMock.Message(topic, "watched", null, ("partitionNumber", "0")), Cancel);
            var handled = new TaskCompletionSource();
            await using (await KafkaMock.SubscribeAsync(component, topic, app, (_, _) =>
            {
                handled.TrySetResult();
                return Task.CompletedTask;
            }))
            {
                await handled.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
            }

            using var watcher = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = _mock.Server.Address, GroupId = app }).Build();
            await Wait.UntilAsync(() => watcher.Committed([new TopicPartition(topic, 0)], TimeSpan.FromSeconds(10))[0].Offset.Value == 1);
        }
    }

    [Fact]
    public async Task A_key_goes_to_the_partition_that_Dapr_gives_it_and_a_number_to_that_one()
    {
        var component = await _mock.OpenAsync("shop");
        foreach (var key in Enumerable.Range(0, 20).Select(number => $"o-{number}"))
        {
            await component.PublishAsync(KafkaMock.Message(Topic, key, key), Cancel);
        }

        await component.PublishAsync(KafkaMock.Message(Topic, "numbered", null, ("partitionNumber", "5")), Cancel);

        foreach (var record in Read(21))
        {
            var expected = record.Message.Key is { } key ? Math.Abs(unchecked((int)key.Aggregate(2166136261u, (hash, part) => (hash ^ part) * 16777619u))) % 8 : 5;
            Assert.Equal(expected, record.Partition.Value);
        }
    }

    [Fact]
    public async Task A_record_of_anybody_comes_with_its_place_its_key_and_its_headers()
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = _mock.Server.Address }).Build();
        var record = new Message<string, string> { Key = "k", Value = "v", Headers = new Headers { { "tenant", "a b"u8.ToArray() } }, Timestamp = new Timestamp(1_700_000_000_123, TimestampType.CreateTime) };
        await producer.ProduceAsync(new TopicPartition(Topic, 3), record, Cancel);
        await producer.ProduceAsync(new TopicPartition(Topic, 3), new Message<string, string> { Key = "k", Value = null! }, Cancel);
        var received = new ConcurrentQueue<PubSubMessage>();
        var component = await _mock.OpenAsync("shop", ("escapeHeaders", "true"));

        await using var subscription = await KafkaMock.SubscribeAsync(component, Topic, "shop", (message, _) =>
        {
            received.Enqueue(message);
            return Task.CompletedTask;
        });
        await Wait.UntilAsync(() => received.Count == 2);

        var first = received.First();
        Assert.Equal("v", Encoding.UTF8.GetString(first.Data.Span));
        Assert.Equal(
            [
                ("__key", "k"), ("__offset", "0"), ("__partition", "3"), ("__timestamp", "1700000000123"), ("__topic", Topic), ("tenant", "a+b"),
            ],
            first.Metadata.Select(pair => (pair.Key, pair.Value)).OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.Equal("null", Encoding.UTF8.GetString(received.Last().Data.Span));
    }

    [Theory]
    [InlineData("partitionNumber", "first", "partitionNumber is \"first\"; allowed is the number of a partition, from 0")]
    [InlineData("partitionNumber", "99", "topic orders has no partition 99")]
    [InlineData("valueSchemaType", "Avro", "valueSchemaType is \"Avro\"; the embedded sidecar serves no schemas")]
    public async Task Metadata_that_ask_for_what_cannot_be_are_refused_with_a_sentence(string name, string value, string sentence)
    {
        var component = await _mock.OpenAsync("shop");
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => component.PublishAsync(KafkaMock.Message(Topic, "1", null, (name, value)), Cancel));
        Assert.Equal(sentence, failure.Message);
        Assert.Equal(
            [null, sentence],
            (await component.PublishManyAsync([KafkaMock.Message(Topic, "1"), KafkaMock.Message(Topic, "2", null, (name, value))], Cancel)).Select(failed => failed?.Message));
    }

    private List<ConsumeResult<byte[]?, byte[]>> Read(int count)
    {
        using var consumer = new ConsumerBuilder<byte[]?, byte[]>(
            new ConsumerConfig { BootstrapServers = _mock.Server.Address, GroupId = "reader", AutoOffsetReset = AutoOffsetReset.Earliest }).Build();
        consumer.Assign(Enumerable.Range(0, 8).Select(partition => new TopicPartitionOffset(Topic, partition, Offset.Beginning)));
        return [.. Enumerable.Range(0, count).Select(_ => consumer.Consume(TimeSpan.FromSeconds(30)))];
    }

    private static string? Text(byte[]? bytes) => bytes is null ? null : Encoding.UTF8.GetString(bytes);
}
