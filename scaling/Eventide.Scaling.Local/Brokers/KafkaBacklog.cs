using System.Collections.Concurrent;
using Confluent.Kafka;
using Eventide.Scaling.Keda;

namespace Eventide.Scaling.Local.Brokers;

/// <summary>
/// Asks Kafka how far each group has committed and where its topics end, as KEDA's kafka scaler does: the lag, without a word about what consumers hold. A partition in which
/// nothing is committed counts from its beginning, where the shop's consumers begin.
/// </summary>
internal sealed class KafkaBacklog(BrokerComponent broker) : IBacklogReader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, Lazy<IConsumer<Ignore, Ignore>>> _groups = new(StringComparer.Ordinal);
    private readonly Lazy<IAdminClient> _admin = new(() => new AdminClientBuilder(Settings(broker)).SetLogHandler((_, _) => { }).Build());

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, BacklogReading>> ReadAsync(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        // The client's questions block.
        Task.Run(() => Read(group, topics), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (var group in _groups.Values.Where(group => group.IsValueCreated))
        {
            group.Value.Dispose();
        }

        if (_admin.IsValueCreated)
        {
            _admin.Value.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private IReadOnlyDictionary<string, BacklogReading> Read(string group, IReadOnlyCollection<string> topics)
    {
        try
        {
            // It never subscribes, so the group does not see it as a member.
            var consumer = _groups.GetOrAdd(group, name => new(() =>
                new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig(Settings(broker)) { GroupId = name, EnableAutoCommit = false }).SetLogHandler((_, _) => { }).Build())).Value;
            var readings = new Dictionary<string, BacklogReading>(StringComparer.Ordinal);
            foreach (var topic in topics)
            {
                var partitions = _admin.Value.GetMetadata(topic, Patience).Topics.Single().Partitions.Select(partition => new TopicPartition(topic, partition.PartitionId)).ToList();
                if (partitions.Count > 0)
                {
                    var lag = consumer.Committed(partitions, Patience).Sum(committed => Lag(consumer, committed));
                    readings[topic] = new BacklogReading(lag, 0, partitions.Count);
                }
            }

            return readings;
        }
        catch (KafkaException failure)
        {
            throw new BacklogException($"Kafka does not tell its offsets ({failure.Error.Reason}).", failure);
        }
    }

    private static long Lag(IConsumer<Ignore, Ignore> consumer, TopicPartitionOffset committed)
    {
        var kept = consumer.QueryWatermarkOffsets(committed.TopicPartition, Patience);
        return Math.Max(0, kept.High.Value - (committed.Offset.IsSpecial ? kept.Low.Value : committed.Offset.Value));
    }

    private static ClientConfig Settings(BrokerComponent broker) => new()
    {
        BootstrapServers = broker.Required("brokers"),
        ClientId = "eventide-autoscale",
        AllowAutoCreateTopics = false,
    };
}
