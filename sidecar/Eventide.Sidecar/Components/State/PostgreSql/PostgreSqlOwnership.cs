using System.Data;
using Eventide.Sidecar.Hosting;
using Npgsql;

namespace Eventide.Sidecar.Components.State.PostgreSql;

/// <summary>
/// A part of a table that belongs to this process: an advisory lock of one connection, and every write goes through that same connection. So there is nothing to
/// check and no clock to trust: while the server runs a write of this owner it holds the lock for it, and when the connection ends, so do the lock and what it had
/// not committed. Thread-safe.
/// </summary>
internal sealed class PostgreSqlOwnership : IOwnership, IStateStore
{
    // A killed process is noticed when the server finds its connection closed, which takes it as long as the statement under way.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(2);

    // The server would keep the lock of a machine that vanished for hours, and might end a connection that is idle for long; names that it does not know are passed over.
    private const string Setup =
        """
        SELECT set_config(name, CASE name WHEN 'idle_session_timeout' THEN '0' WHEN 'tcp_keepalives_count' THEN '3' ELSE '5' END, false)
        FROM pg_settings WHERE name IN ('tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count', 'idle_session_timeout')
        """;

    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _connectionInUse = new(1);
    private readonly IStateStore _store;
    private readonly PostgreSqlTable _table;
    private readonly PostgreSqlSettings _settings;
    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlConnection _connection;
    private readonly StatementQueue<PendingWrite> _writes;
    private readonly Task _watching;

    private PostgreSqlOwnership(
        IStateStore store, PostgreSqlTable table, PostgreSqlSettings settings, NpgsqlDataSource source, NpgsqlConnection connection, TimeProvider time)
    {
        (_store, _table, _settings, _source, _connection) = (store, table, settings, source, connection);
        _writes = new StatementQueue<PendingWrite>(() => new WriteBatch(), batch => UseAsync(() => batch.ExecuteAsync(_connection)), lanes: 1).Start();
        _watching = WatchAsync(time);
    }

    /// <inheritdoc/>
    public IStateStore Store => this;

    /// <inheritdoc/>
    public CancellationToken Lost => _lost.Token;

    /// <inheritdoc/>
    public StateCapabilities Capabilities => _store.Capabilities;

    /// <inheritdoc cref="IOwnedByProcess.OwnAsync"/>
    public static async Task<IOwnership> TakeAsync(
        IStateStore store, PostgreSqlTable table, PostgreSqlSettings settings, string part, TimeProvider time, CancellationToken cancellationToken)
    {
        var source = PostgreSqlDatabase.Source(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false }.ToString());
        NpgsqlConnection? connection = null;
        try
        {
            connection = await source.OpenConnectionAsync(cancellationToken);
            await using (var setup = new NpgsqlCommand(Setup, connection))
            {
                await setup.ExecuteNonQueryAsync(cancellationToken);
            }

            await LockAsync(connection, $"{settings.Table}: {part}", part, settings, time, cancellationToken);
            return new PostgreSqlOwnership(store, table, settings, source, connection, time);
        }
        catch (Exception failure)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            await source.DisposeAsync();
            if (failure is NpgsqlException refused)
            {
                throw PostgreSqlFailure.Of(refused, settings);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask InitializeAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<StateItem?> GetAsync(string key, CancellationToken cancellationToken) => _store.GetAsync(key, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StateItem?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        _store.GetManyAsync(keys, cancellationToken);

    /// <inheritdoc/>
    public ValueTask SetAsync(StateSet operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(StateDelete operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

    /// <inheritdoc/>
    public async ValueTask TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        var write = new PendingWrite(_table, operations);
        if (!_writes.TryAdd(write))
        {
            throw NotOwned();
        }

        try
        {
            await write.Completion.WaitAsync(cancellationToken);
        }
        catch (NpgsqlException failure)
        {
            throw PostgreSqlFailure.Of(failure, _settings);
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StateItem> ScanAsync(string prefix, CancellationToken cancellationToken) => _store.ScanAsync(prefix, cancellationToken);

    /// <inheritdoc/>
    public ValueTask PingAsync(CancellationToken cancellationToken) => _store.PingAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _watching;
        await _writes.DisposeAsync();
        await _connection.DisposeAsync();
        await _source.DisposeAsync();
    }

    private static async Task LockAsync(
        NpgsqlConnection connection, string name, string part, PostgreSqlSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        while (true)
        {
            await using var attempt = new NpgsqlCommand("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", connection) { Parameters = { new() { Value = name } } };
            if (await attempt.ExecuteScalarAsync(cancellationToken) is true)
            {
                return;
            }

            if (time.GetElapsedTime(begin) > Patience)
            {
                throw new SidecarStartException(
                    $"Another running process has {part} in PostgreSQL at {settings.Address} (table {settings.Table}); stop that one, or give this one another database or tablePrefix.");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <summary>Finds out that an idle connection is gone.</summary>
    private async Task WatchAsync(TimeProvider time)
    {
        while (!_closing.IsCancellationRequested && !_lost.IsCancellationRequested)
        {
            await Task.Delay(Watch, time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await UseAsync(async () =>
                {
                    await using var question = new NpgsqlCommand("SELECT 1", _connection);
                    await question.ExecuteNonQueryAsync();
                });
            }
            catch (Exception failure) when (failure is NpgsqlException or IOException)
            {
                // Said through Lost.
            }
        }
    }

    private async Task UseAsync(Func<Task> use)
    {
        await _connectionInUse.WaitAsync();
        try
        {
            if (_lost.IsCancellationRequested)
            {
                throw NotOwned();
            }

            await use();
        }
        finally
        {
            if (_connection.FullState != ConnectionState.Open)
            {
                // Whoever is told stops an engine, which waits for what is queued here.
                _ = _lost.CancelAsync();
            }

            _connectionInUse.Release();
        }
    }

    private IOException NotOwned() => new($"the connection to PostgreSQL at {_settings.Address} that owned this part was lost");
}
