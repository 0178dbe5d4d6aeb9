using Eventide.Sidecar.Components.Redis;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Eventide.Sidecar.Components.PubSub.Redis;

/// <summary>
/// One app's share in a stream. As with Dapr 1.17 and later, an entry is acknowledged when its handler has returned or given up; nothing brings back what was given
/// up. An entry stays pending, and comes again, when nobody has decided about it: the sidecar was killed or stopped, the processing timeout was over, or, unlike
/// with Dapr, its dead letter could not be published. Thread-safe.
/// </summary>
internal sealed partial class RedisSubscription : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan InterruptAgain = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stopping = new();
    private readonly RedisConnection _connection;
    private readonly RedisPubSubOptions _options;
    private readonly string _topic;
    private readonly string _group;
    private readonly Func<PubSubMessage, CancellationToken, Task> _handler;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly StreamReader _reader;
    private readonly StreamAcknowledger _acknowledger;
    private readonly MessagesInHand _inHand;
    private readonly PendingEntries _pending;
    private readonly Task _reading;
    private readonly Task _redelivering;
    private readonly Task[] _workers;

    private RedisSubscription(
        RedisConnection connection, RedisPubSubOptions options, SubscribeRequest request, Func<PubSubMessage, CancellationToken, Task> handler, TimeProvider time,
        ILogger log, StreamReader reader)
    {
        (_connection, _options, _topic, _group, _handler, _time, _log, _reader) =
            (connection, options, request.Topic, request.ConsumerId, handler, time, log, reader);
        var concurrency = Math.Max(options.Concurrency, request.MinParallelism);
        _acknowledger = new StreamAcknowledger(connection, _topic, _group, time);
        _inHand = new MessagesInHand(Math.Max(options.QueueDepth, concurrency));
        _pending = new PendingEntries(connection, _topic, _group, options.ProcessingTimeout);
        _reading = Task.Run(ReadAsync);
        _redelivering = options.Redelivers ? Task.Run(RedeliverAsync) : Task.CompletedTask;
        _workers = [.. Enumerable.Range(0, concurrency).Select(_ => Task.Run(WorkAsync))];
    }

    /// <summary>Makes the group where it is missing, at the beginning of the stream, and starts delivery.</summary>
    public static async Task<RedisSubscription> StartAsync(
        RedisConnection connection, RedisPubSubOptions options, SubscribeRequest request, Func<PubSubMessage, CancellationToken, Task> handler, TimeProvider time,
        ILogger log, CancellationToken cancellationToken)
    {
        try
        {
            await CreateGroupAsync(connection, request.Topic, request.ConsumerId);
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            throw connection.Failure(failure);
        }

        var reader = await StreamReader.OpenAsync(connection, request.Topic, request.ConsumerId, cancellationToken);
        return new RedisSubscription(connection, options, request, handler, time, log, reader);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        while (!_reading.IsCompleted && await _reader.InterruptAsync())
        {
            await Task.WhenAny(_reading, Task.Delay(InterruptAgain));
        }

        await _reader.DisposeAsync();
        await _reading;
        await _redelivering;
        await Task.WhenAll(_workers);
        await _acknowledger.DisposeAsync();
        await _pending.HandBackAsync(_inHand.Queued());
        _stopping.Dispose();
    }

    private static async Task CreateGroupAsync(RedisConnection connection, string topic, string group)
    {
        try
        {
            await connection.Database.StreamCreateConsumerGroupAsync(topic, group, StreamPosition.Beginning, createStream: true);
        }
        catch (RedisServerException exists) when (exists.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
        {
            // Another replica, or an earlier start.
        }
    }

    private async Task ReadAsync()
    {
        var pause = FirstPause;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var room = await _inHand.RoomAsync(_stopping.Token);
                foreach (var entry in await _reader.ReadAsync(room))
                {
                    _inHand.Add(entry);
                }

                pause = FirstPause;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (RedisFailure.Is(failure))
            {
                if (_stopping.IsCancellationRequested)
                {
                    return;
                }

                if (failure is RedisServerException && failure.Message.Contains("NOGROUP", StringComparison.Ordinal))
                {
                    GroupGone(_topic, _group);
                    await TryCreateGroupAsync();
                }
                else if (pause == FirstPause)
                {
                    CannotRead(_topic, RedisFailure.Of(failure, _connection.Settings).Message);
                }

                await Task.Delay(pause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private async Task TryCreateGroupAsync()
    {
        try
        {
            await CreateGroupAsync(_connection, _topic, _group);
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            CannotRead(_topic, _connection.Failure(failure).Message);
        }
    }

    private async Task RedeliverAsync()
    {
        using var timer = new PeriodicTimer(_options.RedeliverInterval, _time);
        try
        {
            do
            {
                await RedeliverOnceAsync();
            }
            while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async Task RedeliverOnceAsync()
    {
        try
        {
            // What waits here for a free handler is not stuck, so that no other replica should take it.
            await _pending.RenewAsync(_inHand.Queued());
            await foreach (var idle in _pending.IdleAsync().WithCancellation(_stopping.Token))
            {
                await _inHand.RoomAsync(_stopping.Token);
                foreach (var entry in await _pending.ClaimAsync([.. idle.Where(id => !_inHand.Contains(id))]))
                {
                    _inHand.Add(entry);
                }
            }
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            // The reader says when the server is away; the next look is soon.
            NotRedelivered(_topic, RedisFailure.Of(failure, _connection.Settings).Message);
        }
    }

    private async Task WorkAsync()
    {
        using var attempts = new Attempts(_stopping.Token, _options.Redelivers ? _options.ProcessingTimeout : Timeout.InfiniteTimeSpan);
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                var entry = await _inHand.TakeAsync(_stopping.Token);
                if (await IsDecidedAsync(entry, attempts.Begin()))
                {
                    _acknowledger.Add(entry.Id);
                }
                else if (_stopping.IsCancellationRequested)
                {
                    await _pending.HandBackAsync([entry.Id]);
                }

                _inHand.Finish(entry.Id);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async Task<bool> IsDecidedAsync(StreamEntry entry, CancellationToken enough)
    {
        try
        {
            await _handler(EntryFormat.Read(_topic, entry), enough);
            return true;
        }
        catch (Exception failure)
        {
            if (enough.IsCancellationRequested || failure is OperationCanceledException or IUndecided { IsUndecided: true })
            {
                return false;
            }

            GivenUp(_topic, entry.Id.ToString());
            return true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Topic {Topic} cannot be read, trying again: {Reason}")]
    private partial void CannotRead(string topic, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The group {Group} of topic {Topic} is gone, so Redis lost data or somebody removed it; it is made again and reads from the beginning")]
    private partial void GroupGone(string topic, string group);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Unacknowledged messages of {Topic} could not be looked for, the next time is soon: {Reason}")]
    private partial void NotRedelivered(string topic, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {Id} of {Topic} is given up and gone, as with Dapr on Redis; a dead-letter topic would keep it")]
    private partial void GivenUp(string topic, string id);
}
