using System.Text.Json;
using Eventide.Sidecar.Components.Sqlite;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Components.PubSub.Sqlite;

/// <summary>
/// The embedded durable broker: topics, consumer groups, acknowledgement and redelivery in one SQLite file. A message is stored once per topic; a group
/// is a cursor (everything up to it is done) plus acknowledgements above it. Leases live in memory, so a crash redelivers what was not acknowledged.
/// One process owns the file through an OS lock; its sidecars share the instance. Thread-safe.
/// </summary>
internal sealed class SqliteBroker : IAsyncDisposable
{
    private readonly GroupCommitDatabase _database;
    private readonly FileStream _lockFile;
    private readonly SqliteBrokerOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<ConsumerGroup>> _groupsByTopic = new(StringComparer.Ordinal);
    private readonly ITimer _retention;

    private SqliteBroker(GroupCommitDatabase database, FileStream lockFile, SqliteBrokerOptions options, TimeProvider time)
    {
        (_database, _lockFile, _options, _time) = (database, lockFile, options, time);
        _retention = time.CreateTimer(_ => Expire(), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
    }

    /// <summary>Opens the file. Throws <see cref="SidecarStartException"/> when another process owns it.</summary>
    public static SqliteBroker Open(string path, SqliteBrokerOptions options, TimeProvider time)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        FileStream lockFile;
        try
        {
            lockFile = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException failure)
        {
            throw new SidecarStartException(
                $"The broker file {path} belongs to another running process; stop that one, or give this one another data folder.", failure);
        }

        var database = GroupCommitDatabase.Open(path, options.Synchronous, session =>
        {
            session.Execute(
                """
                CREATE TABLE IF NOT EXISTS message (
                  seq INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, partition_key TEXT, data BLOB NOT NULL, content_type TEXT,
                  metadata TEXT NOT NULL, published INTEGER NOT NULL, expires INTEGER)
                """);
            session.Execute("CREATE INDEX IF NOT EXISTS message_topic ON message (topic, seq)");
            session.Execute(
                """
                CREATE TABLE IF NOT EXISTS consumer_group (
                  id INTEGER PRIMARY KEY, topic TEXT NOT NULL, name TEXT NOT NULL, cursor INTEGER NOT NULL, expired INTEGER NOT NULL DEFAULT 0, UNIQUE (topic, name))
                """);
            session.Execute("CREATE TABLE IF NOT EXISTS acknowledgement (group_id INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (group_id, seq)) WITHOUT ROWID");
        });
        return new SqliteBroker(database, lockFile, options, time);
    }

    /// <summary>Stores the message and hands it to the waiting groups; completes after the commit.</summary>
    public Task PublishAsync(PubSubMessage message)
    {
        var published = Now();
        long? expires = message.Metadata.TryGetValue("ttlInSeconds", out var ttl) && long.TryParse(ttl, out var seconds) && seconds > 0
            ? published + seconds * 1000
            : null;
        var key = message.Metadata.GetValueOrDefault("partitionKey");
        var metadata = message.Metadata.Count == 0 ? "{}" : JsonSerializer.Serialize(message.Metadata);
        var data = message.Data.ToArray();
        return _database.WriteAsync(
            session =>
            {
                session.Execute(
                    "INSERT INTO message (topic, partition_key, data, content_type, metadata, published, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    message.Topic, key, data, message.ContentType, metadata, published, expires);
                return new BrokerMessage(session.Scalar<long>("SELECT last_insert_rowid()"), key, expires, message with { Data = data });
            },
            stored =>
            {
                foreach (var group in GroupsOf(message.Topic))
                {
                    group.Committed(stored);
                }
            });
    }

    /// <summary>
    /// Joins a consumer of the group; several consumers of one group share its messages. A new group starts at the oldest message still kept, so that a
    /// consumer which is deployed after the first publisher misses nothing.
    /// </summary>
    public async Task<IAsyncDisposable> SubscribeAsync(string topic, string groupName, Func<PubSubMessage, CancellationToken, Task> handler)
    {
        var (id, cursor, acknowledged) = await _database.WriteAsync(session =>
        {
            session.Execute("INSERT OR IGNORE INTO consumer_group (topic, name, cursor) VALUES (?1, ?2, 0)", topic, groupName);
            var group = session.Query(
                "SELECT id, cursor FROM consumer_group WHERE topic = ?1 AND name = ?2", row => (Id: row.GetInt64(0), Cursor: row.GetInt64(1)), topic, groupName)[0];
            return (group.Id, group.Cursor, session.Query("SELECT seq FROM acknowledgement WHERE group_id = ?1", row => row.GetInt64(0), group.Id));
        });
        ConsumerGroup shared;
        lock (_lock)
        {
            if (!_groupsByTopic.TryGetValue(topic, out var groups))
            {
                _groupsByTopic[topic] = groups = [];
            }

            var found = groups.Find(group => group.Name == groupName);
            shared = found ?? new ConsumerGroup(id, topic, groupName, cursor, acknowledged, _database, _options, _time);
            if (found is null)
            {
                _groupsByTopic[topic] = [.. groups, shared];
            }
        }

        return shared.Join(handler);
    }

    /// <summary>Messages of the topic that the group has not acknowledged.</summary>
    public long Lag(string topic, string groupName) => _database.Read(session => session.Scalar<long>(
        """
        SELECT (SELECT count(*) FROM message WHERE topic = ?1 AND seq > g.cursor) - (SELECT count(*) FROM acknowledgement WHERE group_id = g.id AND seq > g.cursor)
        FROM consumer_group g WHERE g.topic = ?1 AND g.name = ?2
        """,
        topic, groupName));

    /// <summary>Throws when the file does not answer.</summary>
    public void Ping() => _database.Read(session => session.Scalar<long>("SELECT 1"));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _retention.DisposeAsync();
        await _database.DisposeAsync();
        await _lockFile.DisposeAsync();
    }

    private List<ConsumerGroup> GroupsOf(string topic)
    {
        lock (_lock)
        {
            return _groupsByTopic.GetValueOrDefault(topic) ?? [];
        }
    }

    private void Expire()
    {
        var oldest = Now() - (long)_options.Retention.TotalMilliseconds;
        _ = _database.WriteAsync(session =>
        {
            session.Execute(
                """
                UPDATE consumer_group SET expired = expired + (
                  SELECT count(*) FROM message m WHERE m.topic = consumer_group.topic AND m.seq > consumer_group.cursor AND m.published < ?1
                    AND NOT EXISTS (SELECT 1 FROM acknowledgement a WHERE a.group_id = consumer_group.id AND a.seq = m.seq))
                """,
                oldest);
            session.Execute("DELETE FROM message WHERE published < ?1", oldest);
            return session.Execute(
                "DELETE FROM message WHERE seq <= (SELECT max(seq) - ?1 FROM message)", (long)_options.MaxMessages);
        });
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}

/// <summary>Settings of <see cref="SqliteBroker"/>.</summary>
/// <param name="Synchronous">FULL survives power loss.</param>
/// <param name="Concurrency">Handlers of one subscription at once.</param>
/// <param name="RedeliverInterval">After the first failure; doubles up to <paramref name="MaxRedeliverInterval"/>.</param>
/// <param name="Retention">How long messages are kept, read or not.</param>
/// <param name="MaxMessages">How many messages are kept.</param>
internal sealed record SqliteBrokerOptions(
    string Synchronous, int Concurrency, TimeSpan RedeliverInterval, TimeSpan MaxRedeliverInterval, TimeSpan Retention, int MaxMessages);

/// <summary>A stored message.</summary>
internal sealed record BrokerMessage(long Sequence, string? PartitionKey, long? Expires, PubSubMessage Content)
{
    /// <summary>Failed deliveries so far, in this process.</summary>
    public int Failures { get; set; }
}
