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
    private static readonly TimeSpan MarkInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AfterFatal = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, KafkaSubscription> _subscriptions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _leaving = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly KafkaAssignment _assignment;
    private readonly TopicsToJoin _topics;
    private readonly KafkaSettings _settings;
    private readonly KafkaConnection _connection;
    private readonly string _appId;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private int _users;
    private volatile bool _isClosing;

    public KafkaConsumer(string group, string appId, KafkaSettings settings, KafkaProducer producer, TimeProvider time, ILogger log)
    {
        (Group, _appId, _settings, _connection, _time, _log) = (group, appId, settings, producer.Connection, time, log);
        _assignment = new KafkaAssignment(settings, group, time, log);
        _topics = new TopicsToJoin(producer.Topics, log);
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
            // Records of a topic that is leaving have been passed over: it has to be given back before somebody can begin with it again.
            if (_isClosing || _leaving.Contains(subscription.Topic) || !_subscriptions.TryAdd(subscription.Topic, subscription))
            {
                return false;
            }

            _users++;
            _topics.Change(_subscriptions.Keys);
            return true;
        }
    }

    /// <summary>Ends a topic's delivery; completes when its handlers at work have ended and, for the last topic, the member is closed.</summary>
    public async Task RemoveAsync(KafkaSubscription subscription)
    {
        Task working;
        lock (_lock)
        {
            _subscriptions.Remove(subscription.Topic);
            _leaving.Add(subscription.Topic);
            _topics.Change(_subscriptions.Keys);
            working = _assignment.StopAsync(subscription);
        }

        await working;
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

    /// <summary>
    /// Leaves the group, when handlers had as long as at any rebalance. Without a broker the client may try to leave for as long as that lasts (librdkafka issue
    /// 3740), so it is waited for only until the group would have taken it for dead twice.
    /// </summary>
    public async Task CloseAsync()
    {
        _isClosing = true;
        var limit = _settings.SessionTimeout * 2;
        try
        {
            await _closed.Task.WaitAsync(limit, _time);
        }
        catch (TimeoutException)
        {
            _assignment.LoseAll();
            NotLeft(Group, limit.TotalSeconds);
        }
    }

    private void Run()
    {
        try
        {
            while (!_isClosing && !Poll())
            {
                Thread.Sleep(AfterFatal);
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
        var marked = Stopwatch.GetTimestamp();
        _topics.Repeat();
        try
        {
            while (!_isClosing)
            {
                if (_topics.TryTake() is { } topics)
                {
                    Subscribe(consumer, topics);
                }

                if (Stopwatch.GetElapsedTime(marked) > MarkInterval)
                {
                    _assignment.Mark(consumer);
                    marked = Stopwatch.GetTimestamp();
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
            _assignment.LoseAll();
        }
    }

    private bool Next(IConsumer<byte[]?, byte[]?> consumer)
    {
        try
        {
            if (consumer.Consume(_topics.AreTaken ? PollTimeout : TopicsToJoin.Pause) is { } record)
            {
                _connection.Answered();
                _assignment.Take(record);
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
        .SetErrorHandler((_, error) => _connection.Report(error))
        .SetLogHandler((_, message) => _connection.Report(message))
        .SetPartitionsAssignedHandler((consumer, partitions) => Assigned(consumer, partitions))
        .SetPartitionsRevokedHandler((consumer, partitions) => _assignment.Revoke(consumer, partitions.ConvertAll(partition => partition.TopicPartition)))
        .SetPartitionsLostHandler((_, partitions) => _assignment.Lose(partitions.ConvertAll(partition => partition.TopicPartition)))
        .Build();

    private void Assigned(IConsumer<byte[]?, byte[]?> consumer, List<TopicPartition> partitions)
    {
        // Together with the lookup, so that a subscription that is being removed meanwhile finds its workers.
        lock (_lock)
        {
            _assignment.Add(consumer, partitions, _subscriptions.GetValueOrDefault);
        }
    }

    private void Subscribe(IConsumer<byte[]?, byte[]?> consumer, IReadOnlyCollection<string> topics)
    {
        lock (_lock)
        {
            _leaving.Clear();
        }

        if (topics.Count == 0)
        {
            consumer.Unsubscribe();
        }
        else
        {
            consumer.Subscribe(topics);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Group {Group} gets no messages for the moment: {Reason}")]
    private partial void NotConsumed(string reason, string group);

    [LoggerMessage(Level = LogLevel.Error, Message = "The consumer of group {Group} failed and is replaced: {Reason}")]
    private partial void Failed(string reason, string group);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The consumer of group {Group} could not tell Kafka within {Seconds} s that it leaves; its partitions go to others once the session has ended")]
    private partial void NotLeft(string group, double seconds);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The consumer of group {Group} has ended; restart the sidecar")]
    private partial void Ended(Exception failure, string group);
}
