using Eventide.Sidecar.Components.Sqlite;

namespace Eventide.Sidecar.Components.PubSub.Sqlite;

/// <summary>The tables of consumer groups: a cursor each, and acknowledgements above it.</summary>
internal static class GroupTable
{
    /// <summary>Creates what is missing.</summary>
    public static void Migrate(SqliteSession session)
    {
        session.Execute(
            """
            CREATE TABLE IF NOT EXISTS consumer_group (
              id INTEGER PRIMARY KEY, topic TEXT NOT NULL, name TEXT NOT NULL, cursor INTEGER NOT NULL, expired INTEGER NOT NULL DEFAULT 0, UNIQUE (topic, name))
            """);
        session.Execute("CREATE TABLE IF NOT EXISTS acknowledgement (group_id INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (group_id, seq)) WITHOUT ROWID");
    }

    /// <summary>The group as it was left; a new one starts at the oldest message still kept.</summary>
    public static GroupPosition Open(SqliteSession session, string topic, string name)
    {
        session.Execute("INSERT OR IGNORE INTO consumer_group (topic, name, cursor) VALUES (?1, ?2, 0)", topic, name);
        var (id, cursor) = session.Query(
            "SELECT id, cursor FROM consumer_group WHERE topic = ?1 AND name = ?2", row => (row.Int64(0), row.Int64(1)), topic, name)[0];
        return new GroupPosition(
            id, name, cursor, session.Query("SELECT seq FROM acknowledgement WHERE group_id = ?1 AND seq > ?2", row => row.Int64(0), id, cursor));
    }

    /// <summary>Writes progress. The cursor never goes back: retention may have moved it further.</summary>
    public static bool Write(SqliteSession session, long id, GroupProgress progress)
    {
        foreach (var sequence in progress.DoneAhead)
        {
            session.Execute("INSERT OR IGNORE INTO acknowledgement (group_id, seq) VALUES (?1, ?2)", id, sequence);
        }

        if (progress.Moved)
        {
            session.Execute("UPDATE consumer_group SET cursor = ?2 WHERE id = ?1 AND cursor < ?2", id, progress.Cursor);
            if (progress.HasRows)
            {
                session.Execute("DELETE FROM acknowledgement WHERE group_id = ?1 AND seq <= ?2", id, progress.Cursor);
            }
        }

        return true;
    }

    /// <summary>Messages of the topic that the group has not acknowledged.</summary>
    public static long Lag(SqliteSession session, string topic, string name) => session.Scalar<long>(
        """
        SELECT (SELECT count(*) FROM message WHERE topic = ?1 AND seq > g.cursor) - (SELECT count(*) FROM acknowledgement WHERE group_id = g.id AND seq > g.cursor)
        FROM consumer_group g WHERE g.topic = ?1 AND g.name = ?2
        """,
        topic, name);

    /// <summary>Messages that the group never read, because their time to live or their retention was over.</summary>
    public static long Expired(SqliteSession session, string topic, string name) =>
        session.Scalar<long>("SELECT expired FROM consumer_group WHERE topic = ?1 AND name = ?2", topic, name);

    /// <summary>Adds to the count of <see cref="Expired"/>.</summary>
    public static void AddExpired(SqliteSession session, string topic, string name, long count) =>
        session.Execute("UPDATE consumer_group SET expired = expired + ?3 WHERE topic = ?1 AND name = ?2", topic, name, count);
}
