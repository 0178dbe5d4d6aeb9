using System.Globalization;
using System.Runtime.CompilerServices;
using Eventide.Sidecar.Components.Sqlite;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Components.State;

/// <summary>
/// state.sqlite: one file per app in Dapr's table layout (Dapr: state/sqlite). What a completed call wrote survives SIGKILL and power loss
/// (<see cref="GroupCommitDatabase"/>). Expired items are invisible at once and removed by the next clean-up.
/// </summary>
internal sealed class SqliteStateStore(string path, string synchronous, TimeSpan cleanupInterval, TimeProvider time, SharedComponents shared) : IStateStore, IOwnedByProcess
{
    private const string Select = "SELECT key, value, is_binary, etag, expiration_time FROM state";
    private GroupCommitDatabase? _database;
    private ITimer? _cleanup;

    /// <inheritdoc/>
    public StateCapabilities Capabilities =>
        StateCapabilities.ETag | StateCapabilities.Transactional | StateCapabilities.Ttl | StateCapabilities.KeysLike | StateCapabilities.Actor;

    private GroupCommitDatabase Database => _database ?? throw new InvalidOperationException("The store is not open.");

    /// <inheritdoc/>
    public ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        // Replicas of one app in one process share the file and therefore the writer.
        _database = shared.Rent(Key, () => GroupCommitDatabase.Open(path, synchronous, session =>
        {
            session.Execute(
                """
                CREATE TABLE IF NOT EXISTS state (
                  key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, is_binary BOOLEAN NOT NULL, etag TEXT NOT NULL,
                  expiration_time TIMESTAMP DEFAULT NULL, update_time TIMESTAMP DEFAULT CURRENT_TIMESTAMP) WITHOUT ROWID
                """);
            session.Execute("CREATE INDEX IF NOT EXISTS state_expiration ON state (expiration_time) WHERE expiration_time IS NOT NULL");
        }));
        _cleanup = time.CreateTimer(_ => CleanUp(), null, cleanupInterval, cleanupInterval);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<StateItem?> GetAsync(string key, CancellationToken cancellationToken) => new(Database.Read(session => Find(session, key)));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StateItem?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        new(Database.Read(session => keys.Select(key => Find(session, key)).ToList()));

    /// <inheritdoc/>
    public ValueTask SetAsync(StateSet operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(StateDelete operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

    /// <inheritdoc/>
    public async ValueTask TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken) =>
        await Database.WriteAsync(session =>
        {
            foreach (var operation in operations)
            {
                Apply(session, operation);
            }

            return true;
        });

    /// <inheritdoc/>
    public async IAsyncEnumerable<StateItem> ScanAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int page = 500;
        await Task.CompletedTask;
        var after = prefix;
        var first = true;
        var end = KeyOrder.End(prefix);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (from, inclusive) = (after, first);
            var sql = $"{Select} WHERE key {(inclusive ? ">=" : ">")} ?1 {(end is null ? "" : "AND key < ?3 ")}"
                + $"AND (expiration_time IS NULL OR expiration_time > ?2) ORDER BY key LIMIT {page}";
            var items = Database.Read(session => end is null ? session.Query(sql, Item, from, Now()) : session.Query(sql, Item, from, Now(), end));
            foreach (var item in items)
            {
                yield return item;
            }

            if (items.Count < page)
            {
                yield break;
            }

            (after, first) = (items[^1].Key, false);
        }
    }

    /// <inheritdoc/>
    public ValueTask PingAsync(CancellationToken cancellationToken)
    {
        Database.Read(session => session.Scalar<long>("SELECT 1"));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IOwnership> OwnAsync(string part, CancellationToken cancellationToken)
    {
        var name = $"{path}.{string.Concat(part.Select(c => char.IsAsciiLetterOrDigit(c) || c == '-' ? c : '_'))}.lock";
        try
        {
            // The system gives the lock up with the process, so one that was killed blocks nobody, and it cannot be lost before that.
            return new(new Ownership(this, new FileStream(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1)));
        }
        catch (IOException failure)
        {
            throw new SidecarStartException(
                $"Another running process has {part} in {path}; stop that one, or give this one another data folder.", failure);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_cleanup is not null)
        {
            await _cleanup.DisposeAsync();
        }

        if (_database is not null)
        {
            _database = null;
            await shared.ReturnAsync(Key);
        }
    }

    private string Key => $"state.sqlite {path}";

    private void Apply(SqliteSession session, StateOperation operation)
    {
        if (operation is StateSet { ETag.Length: > 0 } expected && TryReplace(session, expected))
        {
            return;
        }

        if (!string.IsNullOrEmpty(operation.ETag) || operation is StateSet { FirstWrite: true })
        {
            ETags.Check(operation, session.Scalar<string>(
                "SELECT etag FROM state WHERE key = ?1 AND (expiration_time IS NULL OR expiration_time > ?2)", operation.Key, Now()));
        }

        if (operation is not StateSet set)
        {
            session.Execute("DELETE FROM state WHERE key = ?1", operation.Key);
            return;
        }

        var (value, isBinary) = Stored(set.Value);
        session.Execute(
            """
            INSERT INTO state (key, value, is_binary, etag, expiration_time, update_time) VALUES (?1, ?2, ?3, ?4, ?5, CURRENT_TIMESTAMP)
            ON CONFLICT (key) DO UPDATE SET value = ?2, is_binary = ?3, etag = ?4, expiration_time = ?5, update_time = CURRENT_TIMESTAMP
            """,
            set.Key, value, isBinary, Guid.NewGuid().ToString(), Expiration(set));
    }

    /// <summary>Writes an item that is as expected, in one statement: the usual case. False when it is not, or not there.</summary>
    private bool TryReplace(SqliteSession session, StateSet set)
    {
        var (value, isBinary) = Stored(set.Value);
        return session.Execute(
            """
            UPDATE state SET value = ?2, is_binary = ?3, etag = ?4, expiration_time = ?5, update_time = CURRENT_TIMESTAMP
            WHERE key = ?1 AND etag = ?6 AND (expiration_time IS NULL OR expiration_time > ?7)
            """,
            set.Key, value, isBinary, Guid.NewGuid().ToString(), Expiration(set), set.ETag, Now()) > 0;
    }

    // Text is kept readable for the sqlite3 shell; anything else is base64 as Dapr keeps it.
    private static (object Value, int IsBinary) Stored(ReadOnlyMemory<byte> value) =>
        System.Text.Unicode.Utf8.IsValid(value.Span) && !value.Span.Contains((byte)0) ? (new Utf8Text(value), 0) : (Convert.ToBase64String(value.Span), 1);

    private string? Expiration(StateSet set) => set.TimeToLive is { } ttl ? Format(time.GetUtcNow() + ttl) : null;

    private StateItem? Find(SqliteSession session, string key) =>
        session.Query($"{Select} WHERE key = ?1 AND (expiration_time IS NULL OR expiration_time > ?2)", Item, key, Now()) is [var item] ? item : null;

    private static StateItem Item(SqliteRow row) => new(
        row.Text(0),
        row.Int64(2) != 0 ? Convert.FromBase64String(row.Text(1)) : row.Bytes(1),
        row.Text(3),
        row.IsNull(4) ? null : DateTimeOffset.Parse(row.Text(4), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));

    private void CleanUp() => _ = Database.WriteAsync(session => session.Execute("DELETE FROM state WHERE expiration_time <= ?1", Now()));

    private string Now() => Format(time.GetUtcNow());

    private static string Format(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fffffff", CultureInfo.InvariantCulture);

    private sealed class Ownership(SqliteStateStore store, FileStream lockFile) : IOwnership
    {
        public IStateStore Store => store;

        public CancellationToken Lost => CancellationToken.None;

        public async ValueTask DisposeAsync()
        {
            // Behind every write that is under way.
            await store.Database.WriteAsync(_ => true);
            await lockFile.DisposeAsync();
        }
    }
}

/// <summary>Makes <see cref="SqliteStateStore"/>.</summary>
internal sealed class SqliteStateStoreFactory : IComponentFactory<IStateStore>
{
    /// <inheritdoc/>
    public string Type => "state.sqlite";

    /// <inheritdoc/>
    public IStateStore Create(ComponentDefinition definition, ComponentContext context)
    {
        var metadata = definition.Metadata;
        var path = Path.GetFullPath(metadata.Required("connectionString"), context.WorkingDirectory);
        return new SqliteStateStore(
            path,
            metadata.OneOf("synchronous", "FULL", "FULL", "NORMAL"),
            metadata.Duration("cleanupInterval", TimeSpan.FromHours(1), TimeSpan.FromSeconds(1)),
            context.Time,
            context.Shared);
    }
}
