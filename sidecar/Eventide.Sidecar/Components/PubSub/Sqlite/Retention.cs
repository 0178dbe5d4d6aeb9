using Eventide.Sidecar.Components.Sqlite;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components.PubSub.Sqlite;

/// <summary>
/// Removes the oldest messages, read or not, by age, number and size, once a minute. What a group had not read is added to its count of expired messages
/// and reported once per sweep. Removal goes in slices, so that no publisher waits for a long one.
/// </summary>
internal sealed partial class Retention : IAsyncDisposable
{
    private const int Slice = 2000;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private readonly GroupCommitDatabase _database;
    private readonly SqliteBrokerOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<IReadOnlyList<(string Topic, ConsumerGroup Group)>> _groups;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public Retention(
        GroupCommitDatabase database, SqliteBrokerOptions options, TimeProvider time, Func<IReadOnlyList<(string Topic, ConsumerGroup Group)>> groups, ILogger log)
    {
        (_database, _options, _time, _groups, _log) = (database, options, time, groups, log);

        // The first wait begins here, not on another thread: a test that moves its clock right after the start has moved it for this sweep too.
        _loop = RunAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await SweepAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // Closing.
        }
    }

    private async Task SweepAsync()
    {
        try
        {
            var expired = new Dictionary<(string Topic, string Group), long>();
            await CountExpiredAsync(expired);
            var (oldest, through) = _database.Read(Limits);
            for (var to = oldest - 1; to < through && !_stop.IsCancellationRequested;)
            {
                to = Math.Min(through, to + Slice);
                await RemoveAsync(to, expired);
            }

            foreach (var ((topic, group), count) in expired)
            {
                Expired(group, topic, count);
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Failed(failure, _database.Path);
        }
    }

    // What the groups themselves passed over because its time to live was over.
    private async Task CountExpiredAsync(Dictionary<(string Topic, string Group), long> expired)
    {
        foreach (var (topic, group) in _groups())
        {
            if (group.TakeExpired() is var count and > 0)
            {
                expired[(topic, group.Name)] = count;
                await _database.WriteAsync(session =>
                {
                    GroupTable.AddExpired(session, topic, group.Name, count);
                    return true;
                });
            }
        }
    }

    private (long Oldest, long Through) Limits(SqliteSession session)
    {
        var oldest = session.Scalar<long?>("SELECT min(seq) FROM message");
        if (oldest is not { } first)
        {
            return (0, -1);
        }

        var last = session.Scalar<long>("SELECT max(seq) FROM message");
        var cutoff = (_time.GetUtcNow() - _options.Retention).ToUnixTimeMilliseconds();
        var byAge = (session.Scalar<long?>("SELECT seq FROM message WHERE published >= ?1 ORDER BY seq LIMIT 1", cutoff) ?? (last + 1)) - 1;
        var byNumber = last - _options.MaxMessages;
        var used = (session.Scalar<long>("PRAGMA page_count") - session.Scalar<long>("PRAGMA freelist_count")) * session.Scalar<long>("PRAGMA page_size");

        // As if all were of one size; what that leaves too much goes with the next sweep.
        var bySize = used <= _options.MaxBytes ? 0 : first + (long)((last - first + 1) * (1 - ((double)_options.MaxBytes / used)));
        return (first, Math.Max(byAge, Math.Max(byNumber, bySize)));
    }

    private async Task RemoveAsync(long through, Dictionary<(string Topic, string Group), long> expired)
    {
        var unread = await _database.WriteAsync(
            session =>
            {
                var counts = session.Query(
                    """
                    SELECT g.topic, g.name, count(*) FROM consumer_group g JOIN message m ON m.topic = g.topic AND m.seq > g.cursor AND m.seq <= ?1
                    WHERE NOT EXISTS (SELECT 1 FROM acknowledgement a WHERE a.group_id = g.id AND a.seq = m.seq) GROUP BY g.id
                    """,
                    row => (Topic: row.Text(0), Group: row.Text(1), Count: row.Int64(2)), through);
                foreach (var (topic, group, count) in counts)
                {
                    GroupTable.AddExpired(session, topic, group, count);
                }

                session.Execute("DELETE FROM message WHERE seq <= ?1", through);
                session.Execute("UPDATE consumer_group SET cursor = ?1 WHERE cursor < ?1", through);
                session.Execute("DELETE FROM acknowledgement WHERE seq <= ?1", through);
                return counts;
            },
            _ =>
            {
                foreach (var (_, group) in _groups())
                {
                    group.Removed(through);
                }
            });
        foreach (var (topic, group, count) in unread)
        {
            expired[(topic, group)] = expired.GetValueOrDefault((topic, group)) + count;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Count} messages of topic {Topic} expired before group {Group} read them; run the consumer more often, or raise retention, maxMessages or maxMegabytes of the component")]
    private partial void Expired(string group, string topic, long count);

    [LoggerMessage(Level = LogLevel.Error, Message = "Old messages could not be removed from {Path}; trying again in a minute")]
    private partial void Failed(Exception failure, string path);
}
