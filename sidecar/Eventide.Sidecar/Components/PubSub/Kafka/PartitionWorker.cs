using System.Threading.Channels;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>
/// The handlers of one partition while it is assigned to this consumer: they start in the order of the offsets, one at a time unless the subscription asks
/// for more. A handler that fails is tried again in its place, so what follows waits. When too much waits, fetching is paused. Thread-safe.
/// </summary>
internal sealed partial class PartitionWorker
{
    private const long MaxWaitingBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan MaxRetryInterval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Channel<ConsumeResult<byte[]?, byte[]?>> _waiting = Channel.CreateUnbounded<ConsumeResult<byte[]?, byte[]?>>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly ContiguousOffsets _offsets = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _slots;
    private readonly KafkaSubscription _subscription;
    private readonly KafkaSettings _settings;
    private readonly KafkaRecords _records;
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Task _pump;
    private int _count;
    private long _bytes;
    private bool _isPaused;
    private bool _isStopped;

    public PartitionWorker(
        TopicPartition partition, KafkaSubscription subscription, KafkaSettings settings, KafkaRecords records, IConsumer<byte[]?, byte[]?> consumer,
        TimeProvider time, ILogger log)
    {
        (Partition, _subscription, _settings, _records, _consumer, _time, _log) = (partition, subscription, settings, records, consumer, time, log);
        _slots = new SemaphoreSlim(subscription.Parallelism);
        _pump = Task.Run(PumpAsync);
    }

    /// <summary>The partition.</summary>
    public TopicPartition Partition { get; }

    /// <summary>Whose messages they are.</summary>
    public KafkaSubscription Subscription => _subscription;

    /// <summary>Takes the next record. Called by the polling thread.</summary>
    public void Add(ConsumeResult<byte[]?, byte[]?> record)
    {
        lock (_lock)
        {
            if (_isStopped)
            {
                return;
            }

            _count++;
            _bytes += Size(record);
            if (!_isPaused && (_count >= Math.Max(_settings.ChannelBufferSize, _subscription.Parallelism * 2) || _bytes >= MaxWaitingBytes))
            {
                Pause_NeedsLock();
            }
        }

        _waiting.Writer.TryWrite(record);
    }

    /// <summary>From where a successor goes on, if that has changed since the last call.</summary>
    public bool TryTakeProgress(out TopicPartitionOffset progress)
    {
        var changed = _offsets.TryTake(out var next);
        progress = new TopicPartitionOffset(Partition, next);
        return changed;
    }

    /// <summary>No handler begins any more, none is tried again; completes when those at work have ended.</summary>
    public Task StopAsync()
    {
        lock (_lock)
        {
            if (_isStopped)
            {
                return _pump;
            }

            _isStopped = true;
            if (_isPaused)
            {
                // The next owner of the partition may be this consumer again.
                Resume_NeedsLock();
            }
        }

        _waiting.Writer.TryComplete();
        _ = _stop.CancelAsync();
        return _pump;
    }

    private async Task PumpAsync()
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(_stop.Token))
            {
                while (!_stop.IsCancellationRequested && _waiting.Reader.TryRead(out var record))
                {
                    if (_subscription.Parallelism == 1)
                    {
                        await HandleAsync(record);
                    }
                    else
                    {
                        await _slots.WaitAsync(_stop.Token);
                        _ = HandleInSlotAsync(record);
                    }

                    Taken(record);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The partition goes to somebody else.
        }

        for (var i = 0; i < (_subscription.Parallelism == 1 ? 0 : _subscription.Parallelism); i++)
        {
            await _slots.WaitAsync();
        }
    }

    private async Task HandleInSlotAsync(ConsumeResult<byte[]?, byte[]?> record)
    {
        await HandleAsync(record);
        _slots.Release();
    }

    private async Task HandleAsync(ConsumeResult<byte[]?, byte[]?> record)
    {
        var (entry, interval) = (_offsets.Begin(record.Offset), _settings.ConsumeRetryInterval);
        var message = _records.Read(record);
        while (true)
        {
            try
            {
                await _subscription.Handler(message, _stop.Token);
                _offsets.Done(entry);
                return;
            }
            catch (Exception failure)
            {
                if (_stop.IsCancellationRequested)
                {
                    return;
                }

                if (!_settings.ConsumeRetryEnabled)
                {
                    Skipped(failure, record.TopicPartitionOffset);
                    _offsets.Done(entry);
                    return;
                }
            }

            await Task.Delay(interval, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            interval = interval * 2 < MaxRetryInterval ? interval * 2 : MaxRetryInterval;
        }
    }

    private void Taken(ConsumeResult<byte[]?, byte[]?> record)
    {
        lock (_lock)
        {
            _count--;
            _bytes -= Size(record);
            if (_isPaused && !_isStopped && _count <= _settings.ChannelBufferSize / 2 && _bytes <= MaxWaitingBytes / 2)
            {
                Resume_NeedsLock();
            }
        }
    }

    private void Pause_NeedsLock()
    {
        try
        {
            _consumer.Pause([Partition]);
            _isPaused = true;
        }
        catch (KafkaException failure)
        {
            // It has just been taken away; nothing more comes.
            NotSwitched(failure, Partition);
        }
    }

    private void Resume_NeedsLock()
    {
        _isPaused = false;
        try
        {
            _consumer.Resume([Partition]);
        }
        catch (KafkaException failure)
        {
            NotSwitched(failure, Partition);
        }
    }

    private static long Size(ConsumeResult<byte[]?, byte[]?> record) => 200 + (record.Message.Value?.Length ?? 0);

    [LoggerMessage(Level = LogLevel.Error, Message = "A message is lost to this group because consumeRetryEnabled is false: {Position}")]
    private partial void Skipped(Exception failure, TopicPartitionOffset position);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Partition} could not be paused or resumed")]
    private partial void NotSwitched(Exception failure, TopicPartition partition);
}

/// <summary>What an app subscribes to.</summary>
/// <param name="Parallelism">Handlers of one partition at once.</param>
internal sealed record KafkaSubscription(string Topic, int Parallelism, Func<PubSubMessage, CancellationToken, Task> Handler);
