using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>Messages as Kafka records: which metadata is key, partition and header (Dapr: common/component/kafka producer.go, consumer.go). Thread-safe.</summary>
internal sealed class KafkaRecords(KafkaSettings settings)
{
    private const string PartitionNumber = "partitionNumber";
    private const string SchemaType = "valueSchemaType";

    // A record without a value: Dapr's word for it is the JSON null.
    private static readonly byte[] Null = "null"u8.ToArray();

    private readonly bool _hasHeaders = settings.Version >= new Version(0, 11);

    /// <summary>The record for a message. Throws <see cref="KafkaPublishException"/> when its metadata ask for what cannot be.</summary>
    public OutgoingRecord Write(PubSubMessage message)
    {
        if (message.Metadata.TryGetValue(SchemaType, out var schema) && !schema.Equals("none", StringComparison.OrdinalIgnoreCase))
        {
            throw new KafkaPublishException($"{SchemaType} is \"{schema}\"; the embedded sidecar serves no schemas");
        }

        var key = message.Metadata.TryGetValue("__key", out var text) || message.Metadata.TryGetValue("partitionKey", out text) ? text : null;
        var record = new Message<byte[]?, byte[]?>
        {
            Key = key is null ? null : Encoding.UTF8.GetBytes(key),
            Value = message.Data.Span.SequenceEqual(Null) ? null : Bytes(message.Data),
            Headers = _hasHeaders && message.Metadata.Count > 0 ? Headers(message.Metadata) : null,
        };
        return new OutgoingRecord(Target(message), key, record, message);
    }

    /// <summary>The message in a record.</summary>
    public PubSubMessage Read(ConsumeResult<byte[]?, byte[]?> record)
    {
        var headers = record.Message.Headers;
        var metadata = new Dictionary<string, string>((headers?.Count ?? 0) + 5);
        if (record.Message.Key is { } key)
        {
            metadata["__key"] = Escaped(Encoding.UTF8.GetString(key));
        }

        metadata["__offset"] = record.Offset.Value.ToString(CultureInfo.InvariantCulture);
        metadata["__topic"] = record.Topic;
        metadata["__partition"] = record.Partition.Value.ToString(CultureInfo.InvariantCulture);
        if (record.Message.Timestamp.Type != TimestampType.NotAvailable)
        {
            metadata["__timestamp"] = record.Message.Timestamp.UnixTimestampMs.ToString(CultureInfo.InvariantCulture);
        }

        for (var i = 0; i < headers?.Count; i++)
        {
            if (settings.ExcludeHeaders?.IsMatch(headers[i].Key) != true)
            {
                metadata[headers[i].Key] = Escaped(Encoding.UTF8.GetString(headers[i].GetValueBytes() ?? []));
            }
        }

        return new PubSubMessage(record.Topic, record.Message.Value ?? Null, null, metadata);
    }

    private static TopicPartition Target(PubSubMessage message)
    {
        if (!message.Metadata.TryGetValue(PartitionNumber, out var text))
        {
            return new TopicPartition(message.Topic, Partition.Any);
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new TopicPartition(message.Topic, number)
            : throw new KafkaPublishException($"{PartitionNumber} is \"{text}\"; allowed is the number of a partition, from 0");
    }

    private Headers Headers(IReadOnlyDictionary<string, string> metadata)
    {
        var headers = new Headers();
        foreach (var (name, value) in metadata)
        {
            if (settings.ExcludeHeaders?.IsMatch(name) != true)
            {
                headers.Add(name, Encoding.UTF8.GetBytes(value));
            }
        }

        return headers;
    }

    private static byte[] Bytes(ReadOnlyMemory<byte> data) =>
        MemoryMarshal.TryGetArray(data, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array : data.ToArray();

    private string Escaped(string value) => settings.EscapeHeaders ? Uri.EscapeDataString(value).Replace("%20", "+", StringComparison.Ordinal) : value;
}
