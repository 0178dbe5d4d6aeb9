using System.Globalization;
using Confluent.Kafka;

namespace Eventide.Benchmarks.Brokers;

/// <summary>acks=all for each message; one consumer that stores the offset of what it has handled and commits in the background.</summary>
internal sealed class KafkaDirectClient : IDirectClient
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly IReadOnlyList<KeyValuePair<string, string>> _common;
    private readonly IProducer<string, byte[]> _producer;
    private readonly string _topic;
    private Task _consuming = Task.CompletedTask;

    private KafkaDirectClient(IReadOnlyList<KeyValuePair<string, string>> common, string topic)
    {
        (_common, _topic) = (common, topic);
        _producer = new ProducerBuilder<string, byte[]>(new ProducerConfig(common.ToDictionary()) { Acks = Acks.All, LingerMs = 5 }).Build();
    }

    /// <param name="common">The client's own settings, for producer and consumer.</param>
    public static async Task<IDirectClient> ConnectAsync(IReadOnlyList<KeyValuePair<string, string>> common, string topic)
    {
        var client = new KafkaDirectClient(common, topic);

        // The first message makes the topic, before anybody reads it. No run counts it.
        await client.PublishAsync(BenchMessage.Create(-1), -1, CancellationToken.None);
        return client;
    }

    /// <inheritdoc/>
    public Task PublishAsync(byte[] message, int number, CancellationToken cancellationToken) => _producer.ProduceAsync(
        _topic, new Message<string, byte[]> { Key = number.ToString(CultureInfo.InvariantCulture), Value = message }, cancellationToken);

    /// <inheritdoc/>
    public Task ConsumeAsync(Action<ReadOnlyMemory<byte>> handle, CancellationToken cancellationToken)
    {
        _consuming = Task.Factory.StartNew(() => Consume(handle), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _consuming;
        _producer.Dispose();
        _stopping.Dispose();
    }

    private void Consume(Action<ReadOnlyMemory<byte>> handle)
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig(_common.ToDictionary())
        {
            GroupId = "direct",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoOffsetStore = false,
            SessionTimeoutMs = 10_000,
        }).Build();
        consumer.Subscribe(_topic);
        try
        {
            while (true)
            {
                var received = consumer.Consume(_stopping.Token);
                handle(received.Message.Value);
                consumer.StoreOffset(received);
            }
        }
        catch (OperationCanceledException)
        {
            consumer.Close();
        }
    }
}
