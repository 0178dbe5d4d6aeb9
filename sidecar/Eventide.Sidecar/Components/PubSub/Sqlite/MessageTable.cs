using System.Text.Json;
using Eventide.Sidecar.Components.Sqlite;

namespace Eventide.Sidecar.Components.PubSub.Sqlite;

/// <summary>The table of messages: each is stored once, whatever the number of groups.</summary>
internal static class MessageTable
{
    private const string Columns = "seq, partition_key, expires, data, content_type, metadata";

    /// <summary>Creates what is missing.</summary>
    public static void Migrate(SqliteSession session)
    {
        session.Execute(
            """
            CREATE TABLE IF NOT EXISTS message (
              seq INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, partition_key TEXT, data BLOB NOT NULL, content_type TEXT,
              metadata TEXT NOT NULL, published INTEGER NOT NULL, expires INTEGER)
            """);
        session.Execute("CREATE INDEX IF NOT EXISTS message_topic ON message (topic, seq)");
    }

    /// <summary>Stores a message; gives back its place.</summary>
    public static long Insert(SqliteSession session, in NewMessage message)
    {
        session.Execute(
            "INSERT INTO message (topic, partition_key, data, content_type, metadata, published, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            message.Content.Topic, message.PartitionKey, message.Data, message.Content.ContentType, message.Metadata, message.Published, message.Expires);
        return session.LastInsertedRow;
    }

    /// <summary>The next messages of a topic after a place.</summary>
    public static List<BrokerMessage> After(SqliteSession session, string topic, long sequence, int limit) => session.Query(
        $"SELECT {Columns} FROM message WHERE topic = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
        row => new BrokerMessage(row.Int64(0), row.IsNull(1) ? null : row.Text(1), row.IsNull(2) ? null : row.Int64(2), Content(row, topic)),
        topic, sequence, (long)limit);

    /// <summary>How many messages of a topic there are after a place; the index alone answers it.</summary>
    public static long CountAfter(SqliteSession session, string topic, long sequence) =>
        session.Scalar<long>("SELECT count(*) FROM message WHERE topic = ?1 AND seq > ?2", topic, sequence);

    /// <summary>The content of one message; null when retention has taken it.</summary>
    public static PubSubMessage? Content(SqliteSession session, string topic, long sequence) =>
        session.Query($"SELECT {Columns} FROM message WHERE seq = ?1", row => Content(row, topic), sequence) is [var content] ? content : null;

    private static PubSubMessage Content(SqliteRow row, string topic) => new(topic, row.Bytes(3), row.IsNull(4) ? null : row.Text(4), Metadata(row.Text(5)));

    private static IReadOnlyDictionary<string, string> Metadata(string json) =>
        json == NewMessage.NoMetadata ? NewMessage.Empty : JsonSerializer.Deserialize<Dictionary<string, string>>(json)!;
}

/// <summary>A message on its way into the table.</summary>
internal readonly record struct NewMessage(PubSubMessage Content, byte[] Data, string? PartitionKey, string Metadata, long Published, long? Expires)
{
    public const string NoMetadata = "{}";

    public static readonly IReadOnlyDictionary<string, string> Empty = new Dictionary<string, string>();

    /// <summary>Reads what the broker needs from the publish metadata; copies the data, which is the caller's.</summary>
    public static NewMessage Of(PubSubMessage message, long now)
    {
        long? expires = message.Metadata.TryGetValue("ttlInSeconds", out var ttl) && long.TryParse(ttl, out var seconds) && seconds > 0
            ? now + (seconds * 1000)
            : null;
        var data = message.Data.ToArray();
        return new NewMessage(
            message with { Data = data }, data, message.Metadata.GetValueOrDefault("partitionKey"),
            message.Metadata.Count == 0 ? NoMetadata : JsonSerializer.Serialize(message.Metadata), now, expires);
    }
}
