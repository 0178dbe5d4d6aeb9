using Confluent.Kafka;

namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>
/// The topics that are known to exist. A consumer asks here before it joins its group: for a topic that does not exist it would get no partition, and its
/// whole group would have to join a second time when the topic appears. Thread-safe; the questions block their thread.
/// </summary>
internal sealed class KafkaTopics(Func<Metadata> all, Func<string, Metadata> one)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Those of the topics that are not known to exist.</summary>
    public IReadOnlyList<string> Unknown(IEnumerable<string> topics)
    {
        lock (_lock)
        {
            return [.. topics.Where(topic => !_known.Contains(topic))];
        }
    }

    /// <summary>Learns which topics there are. Throws <see cref="KafkaException"/> when no broker answers.</summary>
    public void Refresh() => Learn(all());

    /// <summary>Makes the broker create the topic when it does so by itself, as most do. Throws <see cref="KafkaException"/> when no broker answers.</summary>
    public void Create(string topic) => Learn(one(topic));

    private void Learn(Metadata metadata)
    {
        lock (_lock)
        {
            _known.UnionWith(metadata.Topics.Where(IsReady).Select(topic => topic.Topic));
        }
    }

    private static bool IsReady(TopicMetadata topic) =>
        topic.Error.Code == ErrorCode.NoError && topic.Partitions.Count > 0 && topic.Partitions.TrueForAll(partition => partition.Leader >= 0);
}
