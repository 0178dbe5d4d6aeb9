using System.Runtime.CompilerServices;
using Npgsql;

namespace Eventide.Sidecar.Components.State.PostgreSql;

/// <summary>
/// One PostgreSQL database as all sidecars of this process use it that were given the same connection string: one pool of connections, one queue of reads and one
/// of writes. What a completed write changed is as durable as the server's synchronous_commit says, which by default survives power loss. Thread-safe.
/// </summary>
internal sealed class PostgreSqlDatabase : IAsyncDisposable
{
    // One batch is under way while the next gathers; a second lane keeps large answers from holding up small ones.
    private const int ReadLanes = 2;
    private const int PageSize = 500;

    // A statement that was planned while the table was small would go on reading all of it when it is large: the plan is kept with the statement.
    private const string KeepToIndexes = "SET enable_seqscan = off";

    private readonly NpgsqlDataSource _source;
    private readonly PostgreSqlSettings _settings;
    private readonly StatementQueue<PendingRead> _reads;
    private readonly StatementQueue<PendingWrite> _writes;

    public PostgreSqlDatabase(PostgreSqlSettings settings)
    {
        _settings = settings;
        _source = Source(settings.ConnectionString);
        _reads = new StatementQueue<PendingRead>(() => new ReadBatch(), ReadAsync, ReadLanes).Start();

        // One writer: it is the queue behind it that makes commits large, and two would only wait for each other's rows.
        _writes = new StatementQueue<PendingWrite>(() => new WriteBatch(), RunAsync, lanes: 1).Start();
    }

    /// <summary>A pool, or with <c>Pooling=false</c> a source of connections that belong to their user.</summary>
    public static NpgsqlDataSource Source(string connectionString) => new NpgsqlDataSourceBuilder(connectionString)
        .UsePhysicalConnectionInitializer(
            connection =>
            {
                using var command = new NpgsqlCommand(KeepToIndexes, connection);
                command.ExecuteNonQuery();
            },
            async connection =>
            {
                await using var command = new NpgsqlCommand(KeepToIndexes, connection);
                await command.ExecuteNonQueryAsync();
            })
        .Build();

    /// <summary>One answer per key in the order of the keys; null where there is no live item.</summary>
    public async Task<IReadOnlyList<StateItem?>> GetAsync(PostgreSqlTable table, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var read = new PendingRead(table, keys);
        ObjectDisposedException.ThrowIf(!_reads.TryAdd(read), this);
        return await ExplainAsync(read.Completion.WaitAsync(cancellationToken));
    }

    /// <summary>Does all operations or none. Throws <see cref="ETagMismatchException"/>.</summary>
    public async Task WriteAsync(PostgreSqlTable table, IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        var write = new PendingWrite(table, operations);
        ObjectDisposedException.ThrowIf(!_writes.TryAdd(write), this);
        await ExplainAsync(write.Completion.WaitAsync(cancellationToken));
    }

    /// <summary>All live items whose key starts with <paramref name="prefix"/>, in the order of <see cref="KeyOrder"/>.</summary>
    public async IAsyncEnumerable<StateItem> ScanAsync(PostgreSqlTable table, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (from, end) = (prefix, KeyOrder.End(prefix));
        while (true)
        {
            var page = await ExplainAsync(PageAsync(table, from, end, cancellationToken));
            foreach (var item in page)
            {
                yield return item;
            }

            if (page.Count < PageSize)
            {
                yield break;
            }

            // The next key there can be: PostgreSQL's texts hold no U+0000.
            from = page[^1].Key + '\u0001';
        }
    }

    /// <summary>Uses a connection of the pool.</summary>
    public async Task UseAsync(Func<NpgsqlConnection, Task> use, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await use(connection);
    }

    /// <summary>The same with failures in words of the user.</summary>
    public async Task<T> ExplainAsync<T>(Task<T> task)
    {
        try
        {
            return await task;
        }
        catch (NpgsqlException failure)
        {
            throw PostgreSqlFailure.Of(failure, _settings);
        }
    }

    /// <inheritdoc cref="ExplainAsync{T}"/>
    public async Task ExplainAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (NpgsqlException failure)
        {
            throw PostgreSqlFailure.Of(failure, _settings);
        }
    }

    /// <summary>Finishes what is queued, then closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _reads.DisposeAsync();
        await _writes.DisposeAsync();
        await _source.DisposeAsync();
    }

    private async Task ReadAsync(StatementBatch<PendingRead> batch)
    {
        try
        {
            await RunAsync(batch);
        }
        catch (NpgsqlException failure) when (failure is not PostgresException)
        {
            // A connection that lay in the pool while the server went away fails at its next use, and reading again harms nothing.
            await RunAsync(batch);
        }
    }

    private async Task RunAsync<TCall>(StatementBatch<TCall> batch) where TCall : PendingCall
    {
        await using var connection = await _source.OpenConnectionAsync();
        try
        {
            await batch.ExecuteAsync(connection);
        }
        catch (NpgsqlException) when (connection.FullState != System.Data.ConnectionState.Open)
        {
            // The others in the pool are of the same server and will not be better off.
            _source.Clear();
            throw;
        }
    }

    private async Task<List<StateItem>> PageAsync(PostgreSqlTable table, string from, string? end, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(end is null ? table.ScanToEnd : table.Scan, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = from });
        if (end is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = end });
        }

        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PageSize });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var items = new List<StateItem>();
        while (await reader.ReadAsync(cancellationToken))
        {
            items.Add(PostgreSqlTable.Read(reader));
        }

        return items;
    }
}
