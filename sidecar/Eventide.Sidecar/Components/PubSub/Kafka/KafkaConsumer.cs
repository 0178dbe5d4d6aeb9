using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>
/// One member of a consumer group, for all topics that an app subscribes to: topics that are added together make the group share out its partitions once.
/// A thread of its own keeps asking for messages whatever the handlers do, so that a slow one does not cost the membership. Thread-safe.
/// </summary>
internal sealed partial class KafkaConsumer
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(200);

    // An app's subscriptions come one right after the other.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AfterFatal = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, KafkaSubscription> _subscriptions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _leaving = new(StringComparer.Ordinal);
    private readonly Dictionary<TopicPartition, PartitionWorker> _workers = [];
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly KafkaSettings _settings;
    private readonly KafkaRecords _records;
    private readonly KafkaProducer _producer;
    private readonly string _appId;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private long _changed;
    private bool _isApplied = true;
    private int _ensuring;
    private int _users;
    private volatile bool _isClosing;

    public KafkaConsumer(string group, string appId, KafkaSettings settings, KafkaProducer producer, TimeProvider time, ILogger log)
    {
        (Group, _appId, _settings, _records, _producer, _time, _log) = (group, appId, settings, new KafkaRecords(settings), producer, time, log);
        new Thread(Run) { IsBackground = true, Name = $"kafka {group}" }.Start();
    }

    /// <summary>The consumer group.</summary>
    public string Group { get; }

    /// <summary>Whether the member has left the group.</summary>
    public bool IsClosed => _closed.Task.IsCompleted;

    /// <summary>Adds a topic; false when this member has it already, or is leaving.</summary>
    public bool TryAdd(KafkaSubscription subscription)
    {
        lock (_lock)
        {
            if (_isClosing || _leaving.Contains(subscription.Topic) || !_subscriptions.TryAdd(subscription.Topic, subscription))
            {
                return false;
            }

            _users++;
            _ensuring++;
            Changed_NeedsLock();
        }

        _ = EnsureAsync(subscription.Topic);
        return true;
    }

    /// <summary>Ends a topic's delivery; completes when its handlers at work have ended and, for the last topic, the member has left the group.</summary>
    public async Task RemoveAsync(KafkaSubscription subscription)
    {
        Task[] working;
        lock (_lock)
        {
            _subscriptions.Remove(subscription.Topic);
            _leaving.Add(subscription.Topic);
            Changed_NeedsLock();
            working = [.. _workers.Values.Where(worker => worker.Subscription == subscription).Select(worker => worker.StopAsync())];
        }

        await Task.WhenAll(working);
        lock (_lock)
        {
            if (--_users > 0)
            {
                return;
            }

            _isClosing = true;
        }

        await CloseAsync();
    }

    /// <summary>Leaves the group, at the latest when handlers had as long as at any rebalance.</summary>
    public Task CloseAsync()
    {
        _isClosing = true;
        return _closed.Task;
    }

    private async Task EnsureAsync(string topic)
    {
        await _producer.Topics.EnsureAsync(topic);
        lock (_lock)
        {
            _ensuring--;
            Changed_NeedsLock();
        }
    }

    private void Changed_NeedsLock() => (_changed, _isApplied) = (Stopwatch.GetTimestamp(), false);

    private void Run()
    {
        try
        {
            while (!_isClosing)
            {
                if (!Poll())
                {
                    Thread.Sleep(AfterFatal);
                }
            }
        }
        catch (Exception failure)
        {
            Ended(failure, Group);
        }
        finally
        {
            _closed.SetResult();
        }
    }

    /// <summary>The life of one client; false when it has failed for good and another is needed.</summary>
    private bool Poll()
    {
        using var consumer = Build();
        lock (_lock)
        {
            Changed_NeedsLock();
        }

        var noted = Stopwatch.GetTimestamp();
        try
        {
            while (!_isClosing)
            {
                Apply(consumer);
                if (Stopwatch.GetElapsedTime(noted) > ProgressInterval)
                {
                    Note(consumer, Workers());
                    noted = Stopwatch.GetTimestamp();
                }

                if (!Next(consumer))
                {
                    return false;
                }
            }

            consumer.Close();
            return true;
        }
        finally
        {
            _ = StopAsync(Take(_ => true));
        }
    }

    private bool Next(IConsumer<byte[]?, byte[]?> consumer)
    {
        try
        {
            if (consumer.Consume(PollTimeout) is { } record)
            {
                _producer.Connection.Answered();
                WorkerOf(record.TopicPartition)?.Add(record);
            }

            return true;
        }
        catch (ConsumeException failure) when (failure.Error.IsFatal)
        {
            Failed(failure.Error.Reason, Group);
            return false;
        }
        catch (ConsumeException failure)
        {
            NotConsumed(failure.Error.Reason, Group);
            return true;
        }
    }

    private IConsumer<byte[]?, byte[]?> Build() => new ConsumerBuilder<byte[]?, byte[]?>(KafkaClientConfig.Consumer(_settings, Group, _appId))
        .SetErrorHandler((_, error) => _producer.Connection.Report(error))
        .SetLogHandler((_, message) => _producer.Connection.Report(message))
        .SetPartitionsAssignedHandler(Assigned)
        .SetPartitionsRevokedHandler((consumer, partitions) => Revoked(consumer, partitions.ConvertAll(partition => partition.TopicPartition)))
        .SetPartitionsLostHandler((_, partitions) => Lost(partitions.ConvertAll(partition => partition.TopicPartition)))
        .Build();

    /// <summary>Tells the client which topics there are, once they have been the same for a moment.</summary>
    private void Apply(IConsumer<byte[]?, byte[]?> consumer)
    {
        string[] topics;
        lock (_lock)
        {
            if (_isApplied || _ensuring > 0 || Stopwatch.GetElapsedTime(_changed) < Quiet)
            {
                return;
            }

            topics = [.. _subscriptions.Keys];
            _isApplied = true;
            _leaving.Clear();
        }

        if (topics.Length == 0)
        {
            consumer.Unsubscribe();
        }
        else
        {
            consumer.Subscribe(topics);
        }
    }

    private void Assigned(IConsumer<byte[]?, byte[]?> consumer, List<TopicPartition> partitions)
    {
        lock (_lock)
        {
            foreach (var partition in partitions)
            {
                if (_subscriptions.TryGetValue(partition.Topic, out var subscription))
                {
                    _workers[partition] = new PartitionWorker(partition, subscription, _settings, _records, consumer, _time, _log);
                }
            }
        }

        if (partitions.Count > 0)
        {
            Shared(Group, partitions);
        }
    }

    /// <summary>
    /// The partitions go to another member. What is at work gets half of the time that the group grants, and is acknowledged; what takes longer than that is
    /// delivered again by the other.
    /// </summary>
    private void Revoked(IConsumer<byte[]?, byte[]?> consumer, List<TopicPartition> partitions)
    {
        var workers = Take(partitions.Contains);
        var limit = _settings.SessionTimeout / 2;
        if (!StopAsync(workers).Wait(limit))
        {
            Slow(Group, limit.TotalSeconds);
        }

        Note(consumer, workers);
    }

    // Somebody else has them already: there is nothing to wait for, and nothing to acknowledge.
    private void Lost(List<TopicPartition> partitions) => _ = StopAsync(Take(partitions.Contains));

    private static Task StopAsync(IEnumerable<PartitionWorker> workers) => Task.WhenAll(workers.Select(worker => worker.StopAsync()));

    /// <summary>Marks what has been handled; the client commits it every second, and before a partition leaves.</summary>
    private void Note(IConsumer<byte[]?, byte[]?> consumer, IEnumerable<PartitionWorker> workers)
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
                    NotNoted(failure.Error.Reason, Group, progress);
                }
            }
        }
    }

    private PartitionWorker? WorkerOf(TopicPartition partition)
    {
        lock (_lock)
        {
            return _workers.GetValueOrDefault(partition);
        }
    }

    private PartitionWorker[] Workers()
    {
        lock (_lock)
        {
            return [.. _workers.Values];
        }
    }

    private PartitionWorker[] Take(Func<TopicPartition, bool> which)
    {
        lock (_lock)
        {
            PartitionWorker[] taken = [.. _workers.Values.Where(worker => which(worker.Partition))];
            foreach (var worker in taken)
            {
                _workers.Remove(worker.Partition);
            }

            return taken;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Group {Group}: this member has {Partitions}")]
    private partial void Shared(string group, IEnumerable<TopicPartition> partitions);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Group {Group} shares out its partitions anew and a handler was not ready within {Seconds} s; its message is delivered again to the next owner")]
    private partial void Slow(string group, double seconds);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Group {Group}: {Position} was not marked, its partition belongs to somebody else: {Reason}")]
    private partial void NotNoted(string reason, string group, TopicPartitionOffset position);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Group {Group} gets no messages for the moment: {Reason}")]
    private partial void NotConsumed(string reason, string group);

    [LoggerMessage(Level = LogLevel.Error, Message = "The consumer of group {Group} failed and is replaced: {Reason}")]
    private partial void Failed(string reason, string group);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The consumer of group {Group} has ended; restart the sidecar")]
    private partial void Ended(Exception failure, string group);
}
