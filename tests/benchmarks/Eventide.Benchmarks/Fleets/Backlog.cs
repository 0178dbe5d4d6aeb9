using Eventide.Contracts;
using Eventide.Sidecar.Components.PubSub.Sqlite;
using Eventide.Sidecar.Components.Sqlite;
using Microsoft.Data.Sqlite;

namespace Eventide.Benchmarks.Fleets;

/// <summary>Looks into the broker's file beside its owner: what fleet has not acknowledged, and the messages themselves. Not thread-safe.</summary>
internal sealed class Backlog : IDisposable
{
    private const string Group = "fleet";
    private readonly SqliteSession _session;

    public Backlog(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        _session = new SqliteSession(connection);
    }

    /// <summary>Messages that fleet has not acknowledged; an acknowledgement may be on its way for ten milliseconds. Counts them, which takes a while.</summary>
    public long Messages => GroupTable.Lag(_session, Topics.Telemetry, Group);

    /// <summary>
    /// How far fleet is behind the newest message, in places of the file: 0 when it has done all, and the same as <see cref="Messages"/> as long as nobody publishes on other
    /// topics. Takes no time to speak of.
    /// </summary>
    public long Distance => Math.Max(0, _session.Scalar<long>(
        "SELECT (SELECT max(seq) FROM message WHERE topic = ?1) - (SELECT cursor FROM consumer_group WHERE topic = ?1 AND name = ?2)", Topics.Telemetry, Group));

    /// <summary>The newest messages, as they are in the file.</summary>
    public IReadOnlyList<(string Key, byte[] Data)> Newest(int count) => _session.Query(
        "SELECT partition_key, data FROM message WHERE topic = ?1 ORDER BY seq DESC LIMIT ?2", row => (row.Text(0), row.Bytes(1)), Topics.Telemetry, (long)count);

    public void Dispose() => _session.Dispose();
}
