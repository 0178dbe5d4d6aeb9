using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>
/// Publishes for all sidecars of a process that name the same brokers in the same way. Messages with the same key keep the order in which they were handed
/// over. Thread-safe.
/// </summary>
internal sealed class KafkaProducer : IAsyncDisposable
{
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(2);

    private readonly KafkaRecords _records;
    private readonly KafkaSender[] _senders;
    private int _turn;

    public KafkaProducer(KafkaSettings settings, TimeProvider time, ILogger log)
    {
        _records = new KafkaRecords(settings);
        Connection = new KafkaConnection(settings.Brokers, log);
        Topics = new KafkaTopics(() => Ask(admin => admin.GetMetadata(AskTimeout)), topic => Ask(admin => admin.GetMetadata(topic, AskTimeout)));

        // A request carries records of one partition only. Where just one may be under way at a time, one sender would write partition after partition.
        _senders = [.. Enumerable.Range(0, KafkaClientConfig.Senders(settings)).Select(_ => new KafkaSender(settings, Connection, time, log))];
    }

    /// <summary>Whether the brokers answer; consumers report here too.</summary>
    public KafkaConnection Connection { get; }

    /// <summary>The topics that are known to exist.</summary>
    public KafkaTopics Topics { get; }

    /// <summary>Completes when the broker has the message; throws <see cref="KafkaPublishException"/> when it has not within writeTimeout.</summary>
    public async Task PublishAsync(PubSubMessage message, CancellationToken cancellationToken)
    {
        var record = _records.Write(message);
        await (await Sender(record, NextTurn()).SendAsync(record, cancellationToken)).WaitAsync(cancellationToken);
    }

    /// <summary>Publishes messages in their order; answers what went wrong per message.</summary>
    public async Task<IReadOnlyList<Exception?>> PublishManyAsync(IReadOnlyList<PubSubMessage> messages, CancellationToken cancellationToken)
    {
        var (turn, sent, failures) = (NextTurn(), new Task?[messages.Count], new Exception?[messages.Count]);
        for (var i = 0; i < messages.Count; i++)
        {
            try
            {
                var record = _records.Write(messages[i]);
                sent[i] = await Sender(record, turn).SendAsync(record, cancellationToken);
            }
            catch (KafkaPublishException failure)
            {
                failures[i] = failure;
            }
        }

        for (var i = 0; i < messages.Count; i++)
        {
            try
            {
                await (sent[i] ?? Task.CompletedTask).WaitAsync(cancellationToken);
            }
            catch (KafkaPublishException failure)
            {
                failures[i] = failure;
            }
        }

        return failures;
    }

    /// <summary>Throws <see cref="KafkaException"/> when no broker answers within <paramref name="timeout"/>. Blocks its thread.</summary>
    public void Ping(TimeSpan timeout) => Ask(admin => admin.GetMetadata(timeout));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_senders.Select(sender => sender.DisposeAsync().AsTask()));

    private int NextTurn() => Interlocked.Increment(ref _turn);

    /// <summary>Always the same for a key, and for a partition that was asked for.</summary>
    private KafkaSender Sender(OutgoingRecord record, int turn)
    {
        var hash = record.Key is not null ? HashCode.Combine(record.Target.Topic, record.Key) : record.Target.Partition.IsSpecial ? turn : record.Target.Partition.Value;
        return _senders[(uint)hash % _senders.Length];
    }

    private Metadata Ask(Func<IAdminClient, Metadata> question)
    {
        using var admin = new DependentAdminClientBuilder(_senders[0].Handle).Build();
        var metadata = question(admin);
        Connection.Answered();
        return metadata;
    }
}
