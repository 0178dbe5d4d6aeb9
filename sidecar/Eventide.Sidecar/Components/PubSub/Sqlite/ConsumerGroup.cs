using Eventide.Sidecar.Components.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components.PubSub.Sqlite;

/// <summary>
/// One consumer group of one topic: hands each message to one of its consumers, one message per partition key at a time and in order, other keys in
/// parallel. New messages come straight from the publisher's commit; the disk is read only to catch up. A message that fails holds up its own key and
/// nothing else. Thread-safe.
/// </summary>
internal sealed partial class ConsumerGroup(
    GroupPosition position, string topic, GroupCommitDatabase database, SqliteBrokerOptions options, TimeProvider time, ILogger log)
{
    /// <summary>So many contents are in memory at most, of what is ready and of what waits for its key; the rest is read when it is needed.</summary>
    private const int Buffer = 1000;

    private const int Page = 200;

    /// <summary>Beyond so many unfinished messages the group takes no new ones; each costs some hundred bytes.</summary>
    private const int MaxOutstanding = 100_000;

    private readonly Lock _lock = new();
    private readonly GroupCursor _cursor = new(position);
    private readonly Queue<BrokerMessage> _ready = new();
    private readonly Dictionary<string, Queue<BrokerMessage>> _waitingByKey = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, (BrokerMessage Message, ITimer Timer)> _delayed = [];
    private readonly Queue<TaskCompletionSource<BrokerMessage>> _idle = new();
    private int _consumers;
    private int _waiting;
    private int _inHand;
    private long _expired;
    private long _removedThrough;
    private bool _behind = true;
    private bool _writing;
    private bool _full;

    /// <summary>The group's name.</summary>
    public string Name => position.Name;

    /// <summary>Called on the writer's thread in commit order.</summary>
    public void Committed(long sequence, in NewMessage message)
    {
        lock (_lock)
        {
            if (_behind || sequence <= _cursor.LoadedThrough)
            {
                return;
            }

            if (_ready.Count >= Buffer || _cursor.Outstanding >= MaxOutstanding)
            {
                _behind = true;
                return;
            }

            Add_NeedsLock(new BrokerMessage(sequence, message.PartitionKey, message.Expires, message.Content));
        }
    }

    /// <summary>Called on the writer's thread: retention has taken everything up to <paramref name="sequence"/> and counted what was unread.</summary>
    public void Removed(long sequence) => Volatile.Write(ref _removedThrough, sequence);

    /// <summary>Messages whose time to live was over before they were read, since the last call.</summary>
    public long TakeExpired() => Interlocked.Exchange(ref _expired, 0);

    /// <summary>What is not acknowledged. What is on disk only is counted there, so this takes longer the further the group is behind: some milliseconds at 100,000.</summary>
    public Backlog Backlog()
    {
        long outstanding, inHand, loadedThrough, doneAhead;
        bool behind;
        lock (_lock)
        {
            (outstanding, inHand, behind, loadedThrough, doneAhead) = (_cursor.Outstanding, _inHand, _behind, _cursor.LoadedThrough, _cursor.DoneAhead);
        }

        var unread = behind ? database.Read(session => MessageTable.CountAfter(session, topic, loadedThrough)) - doneAhead : 0;
        return new Backlog(outstanding - inHand + unread, inHand);
    }

    /// <summary>Adds a consumer with its own workers.</summary>
    public IAsyncDisposable Join(Func<PubSubMessage, CancellationToken, Task> handler, int minParallelism)
    {
        lock (_lock)
        {
            // After a pause the reason for a failure may be gone: what waits for its next attempt starts again in order.
            if (_consumers++ == 0)
            {
                foreach (var (message, timer) in _delayed.Values)
                {
                    timer.Dispose();
                    HandOut_NeedsLock(message);
                }

                _delayed.Clear();
            }
        }

        var stop = new CancellationTokenSource();
        var workers = Enumerable.Range(0, Math.Max(options.Concurrency, minParallelism)).Select(_ => Task.Run(() => WorkAsync(handler, stop.Token))).ToArray();
        return new Consumer(this, stop, workers);
    }

    private async Task WorkAsync(Func<PubSubMessage, CancellationToken, Task> handler, CancellationToken stop)
    {
        while (await NextOrRestAsync(stop) is { } message)
        {
            try
            {
                if (Content(message) is { } content)
                {
                    await handler(content, stop);
                }

                Acknowledge(message);
            }
            catch (Exception)
            {
                // The runtime has logged why; here it only means "again later".
                RedeliverLater(message, stop.IsCancellationRequested);
            }
        }
    }

    // A disk that fails for a moment must not cost the group a worker for good.
    private async ValueTask<BrokerMessage?> NextOrRestAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return await NextAsync(stop);
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SqliteException failure)
            {
                NotRead(failure, Name, topic);
            }

            await Task.Delay(options.RedeliverInterval, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The next message; null when the consumer leaves. One that was handed over is always returned, so that a leaving worker loses nothing.</summary>
    private async ValueTask<BrokerMessage?> NextAsync(CancellationToken stop)
    {
        TaskCompletionSource<BrokerMessage>? idle = null;
        while (idle is null)
        {
            // One page per turn of the lock: the publishers' commits pass through it too.
            lock (_lock)
            {
                if (stop.IsCancellationRequested)
                {
                    return null;
                }

                if (_ready.TryDequeue(out var message))
                {
                    _inHand++;
                    return message;
                }

                if (!CatchUp_NeedsLock())
                {
                    idle = new TaskCompletionSource<BrokerMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
                    _idle.Enqueue(idle);
                }
            }
        }

        using var stopping = stop.UnsafeRegister(static state => ((TaskCompletionSource<BrokerMessage>)state!).TrySetCanceled(), idle);
        try
        {
            return await idle.Task;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Reads a page if there is something to read; false when there is nothing to do but wait.</summary>
    private bool CatchUp_NeedsLock()
    {
        if (!_behind || IsFull_NeedsLock())
        {
            return false;
        }

        var page = database.Read(session => MessageTable.After(session, topic, _cursor.LoadedThrough, Page));
        foreach (var message in page)
        {
            if (!_cursor.SkipDone(message.Sequence))
            {
                Add_NeedsLock(message);
            }
        }

        _behind = page.Count == Page;
        return page.Count > 0;
    }

    private bool IsFull_NeedsLock()
    {
        var full = _cursor.Outstanding >= MaxOutstanding;
        if (full && !_full)
        {
            Full(Name, topic, MaxOutstanding);
        }

        return _full = full;
    }

    private void Add_NeedsLock(BrokerMessage message)
    {
        _cursor.Add(message.Sequence);
        if (message.PartitionKey is { } key)
        {
            if (_waitingByKey.TryGetValue(key, out var waiting))
            {
                if (++_waiting > Buffer)
                {
                    message.Forget();
                }

                waiting.Enqueue(message);
                return;
            }

            _waitingByKey[key] = new Queue<BrokerMessage>();
        }

        HandOut_NeedsLock(message);
    }

    private void HandOut_NeedsLock(BrokerMessage message)
    {
        while (_idle.TryDequeue(out var idle))
        {
            if (idle.TrySetResult(message))
            {
                _inHand++;
                return;
            }
        }

        _ready.Enqueue(message);
    }

    /// <summary>What the handler gets; null when it has expired one way or the other.</summary>
    private PubSubMessage? Content(BrokerMessage message)
    {
        if (message.Sequence <= Volatile.Read(ref _removedThrough))
        {
            return null;
        }

        if (message.Expires is { } expires && expires <= time.GetUtcNow().ToUnixTimeMilliseconds())
        {
            Interlocked.Increment(ref _expired);
            return null;
        }

        return message.Content ?? database.Read(session => MessageTable.Content(session, topic, message.Sequence));
    }

    private void Acknowledge(BrokerMessage message)
    {
        bool write;
        lock (_lock)
        {
            _inHand--;
            _cursor.Done(message.Sequence);
            if (message.PartitionKey is { } key)
            {
                if (_waitingByKey[key].TryDequeue(out var next))
                {
                    _waiting--;
                    HandOut_NeedsLock(next);
                }
                else
                {
                    _waitingByKey.Remove(key);
                }
            }

            (write, _writing) = (!_writing, true);
        }

        if (write)
        {
            // Outside the lock: the queue of writes may be full, and the writer needs the lock to empty it.
            _ = WriteAsync();
        }
    }

    // Nobody waits for this: until it is on disk, a crash delivers again. One write takes all acknowledgements that are there when its turn comes.
    private async Task WriteAsync()
    {
        try
        {
            await database.WriteAsync(
                session =>
                {
                    GroupProgress progress;
                    lock (_lock)
                    {
                        _writing = false;
                        progress = _cursor.TakeProgress();
                    }

                    return GroupTable.Write(session, position.Id, progress);
                },
                urgent: false);
        }
        catch (Exception failure)
        {
            NotWritten(failure, Name, topic);
        }
    }

    private void RedeliverLater(BrokerMessage message, bool leaving)
    {
        lock (_lock)
        {
            _inHand--;
            message.Forget();
            if (leaving || options.RedeliverInterval <= TimeSpan.Zero)
            {
                HandOut_NeedsLock(message);
                return;
            }

            var delay = options.RedeliverInterval * Math.Pow(2, Math.Min(message.Failures++, 16));
            _delayed[message.Sequence] = (message, time.CreateTimer(
                _ => Redeliver(message), null, delay < options.MaxRedeliverInterval ? delay : options.MaxRedeliverInterval, Timeout.InfiniteTimeSpan));
        }
    }

    private void Redeliver(BrokerMessage message)
    {
        lock (_lock)
        {
            if (_delayed.Remove(message.Sequence, out var delayed))
            {
                delayed.Timer.Dispose();
                HandOut_NeedsLock(message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Group {Group} of topic {Topic} has {Count} unfinished messages and takes no new ones until some are handled; give the subscription a dead-letter topic")]
    private partial void Full(string group, string topic, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "Messages of topic {Topic} for group {Group} cannot be read from disk; trying again")]
    private partial void NotRead(Exception failure, string group, string topic);

    [LoggerMessage(Level = LogLevel.Error, Message = "Acknowledgements of group {Group} of topic {Topic} did not reach the disk; those messages are delivered again after a restart")]
    private partial void NotWritten(Exception failure, string group, string topic);

    private sealed class Consumer(ConsumerGroup group, CancellationTokenSource stop, Task[] workers) : IAsyncDisposable
    {
        private int _disposed;

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                await stop.CancelAsync();
                await Task.WhenAll(workers);
                lock (group._lock)
                {
                    group._consumers--;
                }

                stop.Dispose();
            }
        }
    }
}
