using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>The partitions that a group member has for the moment, each with its worker. Thread-safe.</summary>
internal sealed partial class KafkaAssignment(KafkaSettings settings, string group, TimeProvider time, ILogger log)
{
    private readonly Lock _lock = new();
    private readonly KafkaRecords _records = new(settings);
    private readonly Dictionary<TopicPartition, PartitionWorker> _workers = [];

    /// <summary>The group has given these partitions to this member.</summary>
    public void Add(IConsumer<byte[]?, byte[]?> consumer, IReadOnlyList<TopicPartition> partitions, Func<string, KafkaSubscription?> subscriptionOf)
    {
        lock (_lock)
        {
            foreach (var partition in partitions)
            {
                if (subscriptionOf(partition.Topic) is { } subscription)
                {
                    _workers[partition] = new PartitionWorker(partition, subscription, settings, _records, consumer, time, log);
                }
            }
        }

        if (partitions.Count > 0)
        {
            Shared(group, partitions.Count, partitions.Select(partition => partition.Topic).Distinct());
        }
    }

    /// <summary>Gives a record to the worker of its partition. Without one, it is left to whoever has the partition next.</summary>
    public void Take(ConsumeResult<byte[]?, byte[]?> record)
    {
        PartitionWorker? worker;
        lock (_lock)
        {
            worker = _workers.GetValueOrDefault(record.TopicPartition);
        }

        worker?.Add(record);
    }

    /// <summary>Ends the work on a subscription's partitions; completes when the handlers at work have ended. What they have done is still marked.</summary>
    public Task StopAsync(KafkaSubscription subscription) => StopAsync(Workers(worker => worker.Subscription == subscription));

    /// <summary>
    /// The partitions go to another member. What is at work gets half of the time that the group grants, and is acknowledged; what takes longer than that is
    /// delivered again by the other. Blocks its thread.
    /// </summary>
    public void Revoke(IConsumer<byte[]?, byte[]?> consumer, IReadOnlyList<TopicPartition> partitions)
    {
        var workers = Remove(partitions);
        var limit = settings.SessionTimeout / 2;
        if (!StopAsync(workers).Wait(limit))
        {
            Slow(group, limit.TotalSeconds);
        }

        Mark(consumer, workers);
    }

    /// <summary>Somebody else has the partitions already: there is nothing to wait for, and nothing to acknowledge.</summary>
    public void Lose(IReadOnlyList<TopicPartition> partitions) => _ = StopAsync(Remove(partitions));

    /// <summary>The client is gone.</summary>
    public void LoseAll() => Lose([.. Workers(_ => true).Select(worker => worker.Partition)]);

    /// <summary>Marks what has been handled; the client commits it every second, and before a partition leaves.</summary>
    public void Mark(IConsumer<byte[]?, byte[]?> consumer) => Mark(consumer, Workers(_ => true));

    private void Mark(IConsumer<byte[]?, byte[]?> consumer, IEnumerable<PartitionWorker> workers)
    {
        foreach (var worker in workers)
        {
            if (worker.TryTakeProgress(out var progress))
            {
                try
                {
                    consumer.StoreOffset(progress);
                }
                catch (KafkaException failure)
                {
                    NotMarked(failure.Error.Reason, group, progress);
                }
            }
        }
    }

    private static Task StopAsync(IEnumerable<PartitionWorker> workers) => Task.WhenAll(workers.Select(worker => worker.StopAsync()));

    private PartitionWorker[] Workers(Func<PartitionWorker, bool> which)
    {
        lock (_lock)
        {
            return [.. _workers.Values.Where(which)];
        }
    }

    private List<PartitionWorker> Remove(IReadOnlyList<TopicPartition> partitions)
    {
        var removed = new List<PartitionWorker>(partitions.Count);
        lock (_lock)
        {
            foreach (var partition in partitions)
            {
                if (_workers.Remove(partition, out var worker))
                {
                    removed.Add(worker);
                }
            }
        }

        return removed;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Group {Group}: this member has {Count} partitions of {Topics}")]
    private partial void Shared(string group, int count, IEnumerable<string> topics);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Group {Group} shares out its partitions anew and a handler was not ready within {Seconds} s; its message is delivered again to the next owner")]
    private partial void Slow(string group, double seconds);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Group {Group}: {Position} was not marked, its partition belongs to somebody else: {Reason}")]
    private partial void NotMarked(string reason, string group, TopicPartitionOffset position);
}
