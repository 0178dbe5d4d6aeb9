using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>
/// The producer of all sidecars of a process that name the same brokers in the same way: one set of connections, and batches that several apps fill.
/// Messages with the same key keep the order in which they were handed over, also when a broker fails in between. Thread-safe.
/// </summary>
internal sealed partial class KafkaProducer : IAsyncDisposable
{
    private static readonly TimeSpan FullPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly KafkaSettings _settings;
    private readonly KafkaRecords _records;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private bool _isIdempotent;
    private IProducer<byte[]?, byte[]?> _producer;

    public KafkaProducer(KafkaSettings settings, TimeProvider time, ILogger log)
    {
        (_settings, _records, _time, _log) = (settings, new KafkaRecords(settings), time, log);
        Connection = new KafkaConnection(settings.Brokers, log);
        Topics = new KafkaTopics(topic => Ask(admin => admin.GetMetadata(topic, AskTimeout)).Topics[0], log);
        _isIdempotent = settings.HasIdempotence;
        _producer = Build();
    }

    /// <summary>Whether the brokers answer; consumers report here too.</summary>
    public KafkaConnection Connection { get; }

    /// <summary>The topics that are known to exist.</summary>
    public KafkaTopics Topics { get; }

    /// <summary>Completes when the broker has the message; throws <see cref="KafkaPublishException"/> when it has not within writeTimeout.</summary>
    public async Task PublishAsync(PubSubMessage message, CancellationToken cancellationToken)
    {
        var (target, record) = (KafkaRecords.Target(message), _records.Write(message));
        while (true)
        {
            var producer = Current();
            try
            {
                await (await SendAsync(producer, target, record, message, cancellationToken)).WaitAsync(cancellationToken);
                return;
            }
            catch (KafkaPublishException failure) when (failure.IsFatal && Replace(producer, failure))
            {
                // Once more with the new one.
            }
        }
    }

    /// <summary>Publishes messages in their order; answers what went wrong per message.</summary>
    public async Task<IReadOnlyList<Exception?>> PublishManyAsync(IReadOnlyList<PubSubMessage> messages, CancellationToken cancellationToken)
    {
        var (producer, sent) = (Current(), new Task[messages.Count]);
        for (var i = 0; i < messages.Count; i++)
        {
            try
            {
                sent[i] = await SendAsync(producer, KafkaRecords.Target(messages[i]), _records.Write(messages[i]), messages[i], cancellationToken);
            }
            catch (KafkaPublishException failure)
            {
                sent[i] = Task.FromException(failure);
            }
        }

        var failures = new Exception?[messages.Count];
        for (var i = 0; i < messages.Count; i++)
        {
            try
            {
                await sent[i].WaitAsync(cancellationToken);
            }
            catch (KafkaPublishException failure)
            {
                failures[i] = failure.IsFatal && Replace(producer, failure) ? await AgainAsync(messages[i], cancellationToken) : failure;
            }
        }

        return failures;
    }

    /// <summary>Throws <see cref="KafkaException"/> when no broker answers within <paramref name="timeout"/>. Blocks its thread.</summary>
    public void Ping(TimeSpan timeout) => Ask(admin => admin.GetMetadata(timeout));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => new(Task.Run(() =>
    {
        var producer = Current();
        producer.Flush(FlushTimeout);
        producer.Dispose();
    }));

    private async Task<Exception?> AgainAsync(PubSubMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await PublishAsync(message, cancellationToken);
            return null;
        }
        catch (KafkaPublishException failure)
        {
            return failure;
        }
    }

    /// <summary>Hands the record over, in the order of the calls; the inner task is the broker's answer.</summary>
    private async ValueTask<Task> SendAsync(
        IProducer<byte[]?, byte[]?> producer, TopicPartition target, Message<byte[]?, byte[]?> record, PubSubMessage message, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var answer = new Answer(this, message);
            try
            {
                producer.Produce(target, record, answer.Take);
                return answer.Task;
            }
            catch (ProduceException<byte[]?, byte[]?> failure) when (failure.Error.Code == ErrorCode.Local_QueueFull && Stopwatch.GetElapsedTime(began) < _settings.WriteTimeout)
            {
                await Task.Delay(FullPause, _time, cancellationToken);
            }
            catch (KafkaException failure)
            {
                throw new KafkaPublishException(_settings, message, failure.Error);
            }
        }
    }

    private Metadata Ask(Func<IAdminClient, Metadata> question)
    {
        using var admin = new DependentAdminClientBuilder(Current().Handle).Build();
        var metadata = question(admin);
        Connection.Answered();
        return metadata;
    }

    private IProducer<byte[]?, byte[]?> Current()
    {
        lock (_lock)
        {
            return _producer;
        }
    }

    private IProducer<byte[]?, byte[]?> Build() => new ProducerBuilder<byte[]?, byte[]?>(KafkaClientConfig.Producer(_settings, _isIdempotent))
        .SetErrorHandler((_, error) => Connection.Report(error))
        .SetLogHandler((_, message) => Connection.Report(message))
        .Build();

    /// <summary>
    /// A producer that has lost its place among the broker's repeated batches, or that the broker does not let be idempotent, is replaced by one that
    /// sends a batch at a time. False when there is no other way left.
    /// </summary>
    private bool Replace(IProducer<byte[]?, byte[]?> failed, Exception failure)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_producer, failed))
            {
                return true;
            }

            if (!_isIdempotent)
            {
                return false;
            }

            _isIdempotent = false;
            _producer = Build();
        }

        NotIdempotent(failure.Message);
        _ = Task.Run(failed.Dispose);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Kafka does not let this client send idempotently; from now on it waits for each batch before it sends the next: {Reason}")]
    private partial void NotIdempotent(string reason);

    private sealed class Answer(KafkaProducer owner, PubSubMessage message)
    {
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _answered.Task;

        public void Take(DeliveryReport<byte[]?, byte[]?> report)
        {
            if (report.Error.IsError)
            {
                _answered.TrySetException(new KafkaPublishException(owner._settings, message, report.Error));
            }
            else
            {
                owner.Connection.Answered();
                _answered.TrySetResult();
            }
        }
    }
}
