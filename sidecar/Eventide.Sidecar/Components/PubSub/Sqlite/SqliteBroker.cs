using Eventide.Sidecar.Components.Sqlite;
using Eventide.Sidecar.Hosting;
using Microsoft.Extensions.Logging;

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
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ConsumerGroup[]> _groupsByTopic = new(StringComparer.Ordinal);
    private readonly Retention _retention;

    private SqliteBroker(GroupCommitDatabase database, FileStream lockFile, SqliteBrokerOptions options, TimeProvider time, ILogger log)
    {
        (_database, _lockFile, _options, _time, _log) = (database, lockFile, options, time, log);
        _retention = new Retention(database, options, time, Groups, log);
    }

    /// <summary>Opens the file. Throws <see cref="SidecarStartException"/> when another process owns it.</summary>
    public static SqliteBroker Open(string path, SqliteBrokerOptions options, TimeProvider time, ILogger log)
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

        try
        {
            var database = GroupCommitDatabase.Open(path, options.Synchronous, session =>
            {
                MessageTable.Migrate(session);
                GroupTable.Migrate(session);
            });
            return new SqliteBroker(database, lockFile, options, time, log);
        }
        catch
        {
            lockFile.Dispose();
            throw;
        }
    }

    /// <summary>Stores the message and hands it to the waiting groups; completes after the commit.</summary>
    public Task PublishAsync(PubSubMessage message)
    {
        var stored = NewMessage.Of(message, Now());
        return _database.WriteAsync(session => MessageTable.Insert(session, stored), sequence => HandOver(sequence, stored));
    }

    /// <summary>Stores all messages or none, in one commit.</summary>
    public Task PublishManyAsync(IReadOnlyList<PubSubMessage> messages)
    {
        var now = Now();
        var stored = messages.Select(message => NewMessage.Of(message, now)).ToArray();
        return _database.WriteAsync(
            session => Array.ConvertAll(stored, message => MessageTable.Insert(session, message)),
            sequences =>
            {
                for (var i = 0; i < sequences.Length; i++)
                {
                    HandOver(sequences[i], stored[i]);
                }
            });
    }

    /// <summary>
    /// Joins a consumer of the group; several consumers of one group share its messages. A new group starts at the oldest message still kept, so that a
    /// consumer which is deployed after the first publisher misses nothing.
    /// </summary>
    public async Task<IAsyncDisposable> SubscribeAsync(
        string topic, string groupName, int minParallelism, Func<PubSubMessage, CancellationToken, Task> handler)
    {
        var position = await _database.WriteAsync(session => GroupTable.Open(session, topic, groupName));
        return FindOrAdd(topic, position).Join(handler, minParallelism);
    }

    /// <summary>Messages of the topic that the group has not acknowledged.</summary>
    public long Lag(string topic, string groupName) => _database.Read(session => GroupTable.Lag(session, topic, groupName));

    /// <summary>What a group of this process has not acknowledged, as it is now: the disk is a little behind.</summary>
    public Backlog BacklogOf(string topic, string groupName) => Array.Find(GroupsOf(topic), group => group.Name == groupName)?.Backlog() ?? default;

    /// <summary>Messages that the group never read, because their time to live or their retention was over.</summary>
    public long Expired(string topic, string groupName) => _database.Read(session => GroupTable.Expired(session, topic, groupName));

    /// <summary>Throws when the file does not answer.</summary>
    public void Ping() => _database.Read(session => session.Scalar<long>("SELECT 1"));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _retention.DisposeAsync();
        await _database.DisposeAsync();
        await _lockFile.DisposeAsync();
    }

    // A group that is there already goes on from memory: its position on disk may be older.
    private ConsumerGroup FindOrAdd(string topic, GroupPosition position)
    {
        lock (_lock)
        {
            var groups = _groupsByTopic.GetValueOrDefault(topic) ?? [];
            if (Array.Find(groups, group => group.Name == position.Name) is { } found)
            {
                return found;
            }

            var added = new ConsumerGroup(position, topic, _database, _options, _time, _log);
            _groupsByTopic[topic] = [.. groups, added];
            return added;
        }
    }

    private void HandOver(long sequence, in NewMessage message)
    {
        foreach (var group in GroupsOf(message.Content.Topic))
        {
            group.Committed(sequence, message);
        }
    }

    private ConsumerGroup[] GroupsOf(string topic)
    {
        lock (_lock)
        {
            return _groupsByTopic.GetValueOrDefault(topic) ?? [];
        }
    }

    private IReadOnlyList<(string Topic, ConsumerGroup Group)> Groups()
    {
        lock (_lock)
        {
            return [.. _groupsByTopic.SelectMany(topic => topic.Value.Select(group => (topic.Key, group)))];
        }
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}

/// <summary>Settings of <see cref="SqliteBroker"/>.</summary>
/// <param name="Synchronous">FULL survives power loss.</param>
/// <param name="Concurrency">Handlers of one subscription at once.</param>
/// <param name="RedeliverInterval">After the first failure; doubles up to <paramref name="MaxRedeliverInterval"/>.</param>
/// <param name="Retention">How long messages are kept, read or not.</param>
/// <param name="MaxMessages">How many messages are kept.</param>
/// <param name="MaxBytes">How large the file's used part may grow.</param>
internal sealed record SqliteBrokerOptions(
    string Synchronous, int Concurrency, TimeSpan RedeliverInterval, TimeSpan MaxRedeliverInterval, TimeSpan Retention, int MaxMessages, long MaxBytes);
