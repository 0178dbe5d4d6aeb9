using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>
/// One producer client, and its successor when it fails for good. Records are sent in the order in which they are handed over; those of one partition stay
/// in that order, also when a broker fails in between. Thread-safe.
/// </summary>
internal sealed partial class KafkaSender : IAsyncDisposable
{
    private static readonly TimeSpan FullPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly KafkaSettings _settings;
    private readonly KafkaConnection _connection;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private bool _isIdempotent;
    private bool _isClosing;
    private IProducer<byte[]?, byte[]?> _producer;

    public KafkaSender(KafkaSettings settings, KafkaConnection connection, TimeProvider time, ILogger log)
    {
        (_settings, _connection, _time, _log) = (settings, connection, time, log);
        _isIdempotent = settings.HasIdempotence;
        _producer = Build();
    }

    /// <summary>For questions about the cluster.</summary>
    public Handle Handle => Current().Handle;

    /// <summary>Hands a record over; the inner task is the broker's answer, and throws <see cref="KafkaPublishException"/> when that is no.</summary>
    public async ValueTask<Task> SendAsync(OutgoingRecord record, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var producer = Current();
            var answer = new Answer(this, producer, record);
            try
            {
                producer.Produce(record.Target, record.Message, answer.Take);
                return answer.Task;
            }
            catch (ProduceException<byte[]?, byte[]?> failure) when (failure.Error.Code == ErrorCode.Local_QueueFull && Stopwatch.GetElapsedTime(began) < _settings.WriteTimeout)
            {
                await Task.Delay(FullPause, _time, cancellationToken);
            }
            catch (KafkaException failure) when (IsOver(producer, failure.Error))
            {
                // Once more with the new one.
            }
            catch (KafkaException failure)
            {
                return Task.FromException(new KafkaPublishException(_settings, record.Source, failure.Error));
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => new(Task.Run(() =>
    {
        IProducer<byte[]?, byte[]?> producer;
        lock (_lock)
        {
            _isClosing = true;
            producer = _producer;
        }

        producer.Flush(FlushTimeout);
        producer.Dispose();
    }));

    private IProducer<byte[]?, byte[]?> Current()
    {
        lock (_lock)
        {
            return _producer;
        }
    }

    private IProducer<byte[]?, byte[]?> Build() => new ProducerBuilder<byte[]?, byte[]?>(KafkaClientConfig.Producer(_settings, _isIdempotent))
        .SetErrorHandler((_, error) => _connection.Report(error))
        .SetLogHandler((_, message) => _connection.Report(message))
        .Build();

    /// <summary>
    /// A producer that has lost its place among the broker's repeated batches, or that the broker does not let be idempotent, is replaced by one that
    /// sends a batch at a time. False when there is no other way left.
    /// </summary>
    private bool Replace(IProducer<byte[]?, byte[]?> failed, Error error)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_producer, failed))
            {
                return true;
            }

            if (!_isIdempotent || _isClosing)
            {
                return false;
            }

            _isIdempotent = false;
            _producer = Build();
        }

        NotIdempotent(IsPurged(error.Code) ? _connection.LastError ?? error.Reason : error.Reason);
        _ = Task.Run(failed.Dispose);
        return true;
    }

    /// <summary>Whether the producer has failed for good and another has taken its place: what it did not send goes to that one.</summary>
    private bool IsOver(IProducer<byte[]?, byte[]?> producer, Error error) =>
        !ReferenceEquals(Current(), producer) || ((error.IsFatal || MeansFatal(error.Code)) && Replace(producer, error));

    // Messages learn of the reason, not that it is final; only the producer's own error says so. Those behind them are purged, which nobody here asks for.
    private static bool MeansFatal(ErrorCode code) => code is ErrorCode.Local_Fatal or ErrorCode.ClusterAuthorizationFailed or ErrorCode.Local_UnsupportedFeature || IsPurged(code);

    private static bool IsPurged(ErrorCode code) => code is ErrorCode.Local_PurgeQueue or ErrorCode.Local_PurgeInflight;

    private async Task AgainAsync(OutgoingRecord record) => await await SendAsync(record, CancellationToken.None);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Kafka does not let this client send idempotently; from now on it waits for each batch before it sends the next: {Reason}")]
    private partial void NotIdempotent(string reason);

    private sealed class Answer(KafkaSender sender, IProducer<byte[]?, byte[]?> producer, OutgoingRecord record)
    {
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _answered.Task;

        /// <summary>Called by the client's own thread.</summary>
        public void Take(DeliveryReport<byte[]?, byte[]?> report)
        {
            if (!report.Error.IsError)
            {
                sender._connection.Answered();
                _answered.TrySetResult();
            }
            else if (sender.IsOver(producer, report.Error))
            {
                _ = RepeatAsync();
            }
            else
            {
                _answered.TrySetException(new KafkaPublishException(sender._settings, record.Source, report.Error));
            }
        }

        private async Task RepeatAsync()
        {
            try
            {
                await sender.AgainAsync(record);
                _answered.TrySetResult();
            }
            catch (Exception failure)
            {
                _answered.TrySetException(failure);
            }
        }
    }
}

/// <summary>A record on its way.</summary>
/// <param name="Key">Of the record, as a text.</param>
/// <param name="Source">What it was made from, for messages about it.</param>
internal sealed record OutgoingRecord(TopicPartition Target, string? Key, Message<byte[]?, byte[]?> Message, PubSubMessage Source);
