using System.Text.Json;
using Eventide.Sidecar.Components.Sqlite;

namespace Eventide.Sidecar.Components.PubSub.Sqlite;

/// <summary>
/// One consumer group of one topic: hands each message to one of its consumers, one message per partition key at a time and in order, other keys in
/// parallel. New messages come straight from the publisher's commit; the disk is read only to catch up. Thread-safe.
/// </summary>
internal sealed class ConsumerGroup(
    long id, string topic, string name, long cursor, IEnumerable<long> acknowledged, GroupCommitDatabase database, SqliteBrokerOptions options, TimeProvider time)
{
    /// <summary>So many messages wait in memory at most; what comes after stays on disk until there is room.</summary>
    private const int Buffer = 1000;

    private readonly Lock _lock = new();
    private readonly HashSet<long> _acknowledgedAhead = [.. acknowledged];
    private readonly SortedSet<long> _outstanding = [];
    private readonly Queue<BrokerMessage> _ready = new();
    private readonly Dictionary<string, Queue<BrokerMessage>> _waitingByKey = new(StringComparer.Ordinal);
    private readonly Queue<TaskCompletionSource<BrokerMessage>> _idle = new();
    private long _cursor = cursor;
    private long _loadedThrough = cursor;
    private bool _behind = true;

    /// <summary>The group's name.</summary>
    public string Name => name;

    /// <summary>Called on the writer's thread in commit order.</summary>
    public void Committed(BrokerMessage message)
    {
        lock (_lock)
        {
            if (_behind || message.Sequence <= _loadedThrough)
            {
                return;
            }

            if (_outstanding.Count >= Buffer)
            {
                _behind = true;
                return;
            }

            Add(message with { });
        }
    }

    /// <summary>Adds a consumer with its own workers.</summary>
    public IAsyncDisposable Join(Func<PubSubMessage, CancellationToken, Task> handler)
    {
        var stop = new CancellationTokenSource();
        var workers = Enumerable.Range(0, options.Concurrency).Select(_ => Task.Run(() => WorkAsync(handler, stop.Token))).ToArray();
        return new Consumer(stop, workers);
    }

    private async Task WorkAsync(Func<PubSubMessage, CancellationToken, Task> handler, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            BrokerMessage message;
            try
            {
                message = await NextAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                if (message.Expires is not { } expires || expires > time.GetUtcNow().ToUnixTimeMilliseconds())
                {
                    // A handler in flight finishes: stopping waits for it instead of cancelling it half-way.
                    await handler(message.Content, CancellationToken.None);
                }

                Acknowledge(message);
            }
            catch (Exception)
            {
                // The runtime has logged why; here it only means "again later".
                RedeliverLater(message);
            }
        }
    }

    private async ValueTask<BrokerMessage> NextAsync(CancellationToken stop)
    {
        TaskCompletionSource<BrokerMessage> idle;
        lock (_lock)
        {
            CatchUp();
            if (_ready.TryDequeue(out var message))
            {
                return message;
            }

            idle = new TaskCompletionSource<BrokerMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
            _idle.Enqueue(idle);
        }

        using var stopping = stop.Register(() => idle.TrySetCanceled(stop));
        return await idle.Task;
    }

    private void CatchUp()
    {
        if (!_behind || _outstanding.Count >= Buffer / 2)
        {
            return;
        }

        const int page = Buffer / 2;
        var loaded = database.Read(session => session.Query(
            "SELECT seq, partition_key, data, content_type, metadata, expires FROM message WHERE topic = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
            row => new BrokerMessage(
                row.GetInt64(0),
                row.IsDBNull(1) ? null : row.GetString(1),
                row.IsDBNull(5) ? null : row.GetInt64(5),
                new PubSubMessage(
                    topic,
                    row.GetFieldValue<byte[]>(2),
                    row.IsDBNull(3) ? null : row.GetString(3),
                    JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(4))!)),
            topic, _loadedThrough, (long)page));
        foreach (var message in loaded)
        {
            if (_acknowledgedAhead.Remove(message.Sequence))
            {
                _loadedThrough = message.Sequence;
                continue;
            }

            Add(message);
        }

        _behind = loaded.Count == page;
    }

    private void Add(BrokerMessage message)
    {
        _loadedThrough = message.Sequence;
        _outstanding.Add(message.Sequence);
        if (message.PartitionKey is { } key)
        {
            if (_waitingByKey.TryGetValue(key, out var waiting))
            {
                waiting.Enqueue(message);
                return;
            }

            _waitingByKey[key] = new Queue<BrokerMessage>();
        }

        HandOut(message);
    }

    private void HandOut(BrokerMessage message)
    {
        while (_idle.TryDequeue(out var idle))
        {
            if (idle.TrySetResult(message))
            {
                return;
            }
        }

        _ready.Enqueue(message);
    }

    private void Acknowledge(BrokerMessage message)
    {
        lock (_lock)
        {
            _outstanding.Remove(message.Sequence);
            if (message.PartitionKey is { } key)
            {
                if (_waitingByKey[key].TryDequeue(out var next))
                {
                    HandOut(next);
                }
                else
                {
                    _waitingByKey.Remove(key);
                }
            }

            var before = _cursor;
            _cursor = _outstanding.Count == 0 ? _loadedThrough : _outstanding.Min - 1;
            var (after, sequence) = (_cursor, message.Sequence);

            // Queued under the lock so that cursors reach the file in the order in which they were computed.
            _ = database.WriteAsync(session =>
            {
                if (sequence > after)
                {
                    session.Execute("INSERT OR IGNORE INTO acknowledgement (group_id, seq) VALUES (?1, ?2)", id, sequence);
                }

                if (after > before)
                {
                    session.Execute("UPDATE consumer_group SET cursor = ?2 WHERE id = ?1", id, after);
                    session.Execute("DELETE FROM acknowledgement WHERE group_id = ?1 AND seq <= ?2", id, after);
                }

                return true;
            });
        }
    }

    private void RedeliverLater(BrokerMessage message)
    {
        var delay = options.RedeliverInterval * Math.Pow(2, Math.Min(message.Failures++, 16));
        ITimer? timer = null;
        timer = time.CreateTimer(
            _ =>
            {
                lock (_lock)
                {
                    HandOut(message);
                }

                timer?.Dispose();
            },
            null, delay < options.MaxRedeliverInterval ? delay : options.MaxRedeliverInterval, Timeout.InfiniteTimeSpan);
    }

    private sealed class Consumer(CancellationTokenSource stop, Task[] workers) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await Task.WhenAll(workers);
        }
    }
}
