using Npgsql;

namespace Eventide.Sidecar.Components.State.PostgreSql;

/// <summary>
/// The table of Dapr's component version 2 and its statements (Dapr: state/postgresql/v2). Both this and a daprd can work on one table at the same time. Time is
/// the server's own, so that clocks of sidecars need not agree. Safe for any number of concurrent callers.
/// </summary>
internal sealed class PostgreSqlTable(PostgreSqlSettings settings)
{
    private const string IsLive = "(expires_at IS NULL OR expires_at >= now())";
    private const string Select = "SELECT key, value, etag, expires_at FROM";

    /// <summary>By $1, an array of keys.</summary>
    public string Get { get; } = $"{Select} {settings.Table} WHERE key = ANY($1) AND {IsLive}";

    /// <summary>Items from key $1 on and before key $2, in the order of their bytes, $3 at most.</summary>
    public string Scan { get; } =
        $"{Select} {settings.Table} WHERE key COLLATE \"C\" >= $1 AND key COLLATE \"C\" < $2 AND {IsLive} ORDER BY key COLLATE \"C\" LIMIT $3";

    /// <summary>Items from key $1 on, in the order of their bytes, $2 at most.</summary>
    public string ScanToEnd { get; } = $"{Select} {settings.Table} WHERE key COLLATE \"C\" >= $1 AND {IsLive} ORDER BY key COLLATE \"C\" LIMIT $2";

    /// <summary>Writes any number of items whatever is there: arrays of keys $1, values $2 and seconds to live $3.</summary>
    public string Upsert { get; } =
        $"""
        INSERT INTO {settings.Table} AS t (key, value, etag, expires_at)
        SELECT n.key, n.value, gen_random_uuid(), now() + n.seconds * interval '1 second' FROM unnest($1::text[], $2::bytea[], $3::float8[]) AS n (key, value, seconds)
        ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, updated_at = now(), etag = EXCLUDED.etag, expires_at = EXCLUDED.expires_at
        """;

    /// <summary>Removes any number of items whatever they are: an array of keys $1.</summary>
    public string Delete { get; } = $"DELETE FROM {settings.Table} WHERE key = ANY($1)";

    /// <summary>Writes key $1, value $2 and seconds to live $3 if there is no live item.</summary>
    public string Create { get; } =
        $"""
        INSERT INTO {settings.Table} AS t (key, value, etag, expires_at) VALUES ($1, $2, gen_random_uuid(), now() + $3 * interval '1 second')
        ON CONFLICT (key) DO UPDATE SET value = $2, updated_at = now(), etag = gen_random_uuid(), expires_at = EXCLUDED.expires_at WHERE t.expires_at < now()
        """;

    /// <summary>Writes key $1, value $2 and seconds to live $3 if the live item has the ETag $4.</summary>
    public string Update { get; } =
        $"""
        UPDATE {settings.Table} SET value = $2, updated_at = now(), etag = gen_random_uuid(), expires_at = now() + $3 * interval '1 second'
        WHERE key = $1 AND etag = $4 AND {IsLive}
        """;

    /// <summary>Removes the live item $1 if it has the ETag $2.</summary>
    public string Remove { get; } = $"DELETE FROM {settings.Table} WHERE key = $1 AND etag = $2 AND {IsLive}";

    /// <summary>One item of <see cref="Get"/> or <see cref="Scan"/>.</summary>
    public static StateItem Read(NpgsqlDataReader row) => new(
        row.GetString(0),
        row.GetFieldValue<byte[]>(1),
        row.GetGuid(2).ToString(),
        row.IsDBNull(3) ? null : new DateTimeOffset(row.GetDateTime(3)));

    /// <summary>Creates what is missing, under the lock and with the notes that daprd keeps, so that any number of sidecars and daprds can start at once.</summary>
    public async Task MigrateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await CreateMetadataAsync(connection, cancellationToken);
        await ExecuteAsync(connection, $"INSERT INTO {settings.MetadataTable} (key, value) VALUES ('lock', 'lock') ON CONFLICT (key) DO NOTHING", cancellationToken);
        await using var transaction = await BeginLockedAsync(connection, cancellationToken);
        await using var level = new NpgsqlCommand($"SELECT value FROM {settings.MetadataTable} WHERE key = $1", connection) { Parameters = { new() { Value = Notes } } };
        if (await level.ExecuteScalarAsync(cancellationToken) is null)
        {
            // daprd's first step. Its second one, a number per row for its own way of paging, it adds itself when it comes to this table; nothing here needs it.
            await ExecuteAsync(
                connection,
                $"""
                CREATE TABLE IF NOT EXISTS {settings.Table} (
                  key text NOT NULL PRIMARY KEY, value bytea NOT NULL, etag uuid NOT NULL DEFAULT gen_random_uuid(),
                  created_at timestamp with time zone NOT NULL DEFAULT now(), updated_at timestamp with time zone, expires_at timestamp with time zone);
                CREATE INDEX ON {settings.Table} (expires_at);
                INSERT INTO {settings.MetadataTable} (key, value) VALUES ('{Notes}', '1')
                """,
                cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Adds an index in the order of <see cref="Scan"/>. The primary key has the order of the database's language, in which a prefix is no range; without this, a
    /// scan reads the whole table.
    /// </summary>
    public async Task IndexForScansAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var name = $"{settings.Table[(settings.Table.IndexOf('.', StringComparison.Ordinal) + 1)..]}_key_c";
        await using var transaction = await BeginLockedAsync(connection, cancellationToken);
        await ExecuteAsync(connection, $"CREATE INDEX IF NOT EXISTS {name} ON {settings.Table} (key COLLATE \"C\")", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Removes expired rows, unless somebody did within <paramref name="interval"/>.</summary>
    public async Task CleanUpAsync(NpgsqlConnection connection, TimeSpan interval, CancellationToken cancellationToken)
    {
        await using var due = new NpgsqlCommand(
            $"""
            INSERT INTO {settings.MetadataTable} AS m (key, value) VALUES ($1, now()::text) ON CONFLICT (key) DO UPDATE SET value = now()::text
            WHERE now() - m.value::timestamp with time zone > $2
            """,
            connection)
        { Parameters = { new() { Value = $"last-cleanup-state-v2-{settings.TablePrefix}" }, new() { Value = interval - TimeSpan.FromMilliseconds(100) } } };
        if (await due.ExecuteNonQueryAsync(cancellationToken) > 0)
        {
            await ExecuteAsync(connection, $"DELETE FROM {settings.Table} WHERE expires_at < now()", cancellationToken);
        }
    }

    private string Notes => $"migrations-state-v2-{settings.TablePrefix}";

    // IF NOT EXISTS does not hold against another one who creates the same in the same moment, so whoever creates waits here for the others.
    private async Task<NpgsqlTransaction> BeginLockedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT value FROM {settings.MetadataTable} WHERE key = 'lock' FOR UPDATE", cancellationToken);
        return transaction;
    }

    private async Task CreateMetadataAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await ExecuteAsync(
                    connection, $"CREATE TABLE IF NOT EXISTS {settings.MetadataTable} (key text NOT NULL PRIMARY KEY, value text NOT NULL)", cancellationToken);
                return;
            }
            catch (PostgresException failure) when (failure.SqlState
                is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateObject && attempt < 5)
            {
                // Somebody else has created it in the same moment: it is there now.
            }
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
