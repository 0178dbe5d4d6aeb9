using Eventide.Sidecar.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Eventide.Sidecar.Components.State.PostgreSql;

/// <summary>
/// state.postgresql version 2: Dapr's table, shared with any daprd (Dapr: state/postgresql/v2). A create that meets an item is a mismatch here, where daprd answers
/// a plain error. All sidecars of one process with the same connection string share a pool.
/// </summary>
internal sealed partial class PostgreSqlStateStore(PostgreSqlSettings settings, ComponentDefinition definition, ComponentContext context) : IStateStore, IOwnedByProcess
{
    private static readonly TimeSpan StartPause = TimeSpan.FromMilliseconds(500);

    private readonly PostgreSqlTable _table = new(settings);
    private readonly ILogger _log = context.Loggers.CreateLogger<PostgreSqlStateStore>();
    private readonly CancellationTokenSource _closing = new();
    private PostgreSqlDatabase? _database;
    private Task _cleaning = Task.CompletedTask;

    /// <inheritdoc/>
    public StateCapabilities Capabilities =>
        StateCapabilities.ETag | StateCapabilities.Transactional | StateCapabilities.Ttl | StateCapabilities.KeysLike | StateCapabilities.Actor;

    private PostgreSqlDatabase Database => _database ?? throw new InvalidOperationException("The store is not open.");

    private string Key => $"state.postgresql {settings.ConnectionString}";

    /// <summary>Waits for a server that is not there yet, as long as the token allows; what waiting cannot help, such as a wrong password, fails at once.</summary>
    public async ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        _database = context.Shared.Rent(Key, () => new PostgreSqlDatabase(settings));
        NpgsqlException? last = null;
        while (true)
        {
            try
            {
                await Database.UseAsync(connection => _table.MigrateAsync(connection, cancellationToken), cancellationToken);
                break;
            }
            catch (NpgsqlException failure) when (PostgreSqlFailure.IsPassing(failure) && !cancellationToken.IsCancellationRequested)
            {
                if (last is null)
                {
                    Waiting(definition.Name, PostgreSqlFailure.Describe(failure, settings));
                }

                last = failure;
                await Task.Delay(StartPause, context.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (NpgsqlException failure) when (!cancellationToken.IsCancellationRequested)
            {
                throw PostgreSqlFailure.Of(failure, settings);
            }
            catch (OperationCanceledException) when (last is not null)
            {
                throw NotReached(last);
            }

            if (cancellationToken.IsCancellationRequested)
            {
                throw NotReached(last);
            }
        }

        if (settings.CleanupInterval is { } interval)
        {
            _cleaning = CleanUpAsync(interval);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<StateItem?> GetAsync(string key, CancellationToken cancellationToken) => (await Database.GetAsync(_table, [key], cancellationToken))[0];

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StateItem?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        await Database.GetAsync(_table, keys, cancellationToken);

    /// <inheritdoc/>
    public ValueTask SetAsync(StateSet operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(StateDelete operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

    /// <inheritdoc/>
    public ValueTask TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken) =>
        new(Database.WriteAsync(_table, operations, cancellationToken));

    /// <inheritdoc/>
    public IAsyncEnumerable<StateItem> ScanAsync(string prefix, CancellationToken cancellationToken) => Database.ScanAsync(_table, prefix, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask PingAsync(CancellationToken cancellationToken) => await Database.GetAsync(_table, [], cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IOwnership> OwnAsync(string part, CancellationToken cancellationToken)
    {
        await Database.ExplainAsync(Database.UseAsync(connection => _table.IndexForScansAsync(connection, cancellationToken), cancellationToken));
        return await PostgreSqlOwnership.TakeAsync(this, _table, settings, part, context.Time, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _cleaning;
        if (_database is not null)
        {
            _database = null;
            await context.Shared.ReturnAsync(Key);
        }
    }

    private async Task CleanUpAsync(TimeSpan interval)
    {
        using var timer = new PeriodicTimer(interval, context.Time);
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(_closing.Token);
                await Database.UseAsync(connection => _table.CleanUpAsync(connection, interval, _closing.Token), _closing.Token);
            }
            catch (NpgsqlException failure)
            {
                NotCleaned(definition.Name, PostgreSqlFailure.Describe(failure, settings));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private SidecarStartException NotReached(NpgsqlException? last) => new(
        $"{definition.File}: component \"{definition.Name}\": "
        + (last is null ? $"PostgreSQL at {settings.Address} did not answer" : PostgreSqlFailure.Describe(last, settings))
        + $", after waiting {definition.InitTimeout.TotalSeconds:0.#} s; start it, or correct connectionString.");

    [LoggerMessage(Level = LogLevel.Warning, Message = "Component {Name} waits: {Reason}")]
    private partial void Waiting(string name, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Component {Name} could not remove expired items, and tries again at the next interval: {Reason}")]
    private partial void NotCleaned(string name, string reason);
}

/// <summary>Makes <see cref="PostgreSqlStateStore"/>.</summary>
internal sealed class PostgreSqlStateStoreFactory : IComponentFactory<IStateStore>
{
    /// <inheritdoc/>
    public string Type => "state.postgresql";

    /// <inheritdoc/>
    public IStateStore Create(ComponentDefinition definition, ComponentContext context) => definition.Version == "v2"
        ? new PostgreSqlStateStore(PostgreSqlSettings.Read(definition), definition, context)
        : throw new SidecarStartException(
            $"{definition.File}: component \"{definition.Name}\" is state.postgresql {definition.Version}, an older table layout that the embedded sidecar does not serve; "
            + "write version: v2 (it makes a table of its own and does not read the items of the older one), or use daprd.");
}
