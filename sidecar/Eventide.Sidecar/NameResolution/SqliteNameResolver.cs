using Eventide.Sidecar.Components.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.NameResolution;

/// <summary>
/// A table in a SQLite file that every sidecar of the machine writes itself into, with Dapr's own layout (Dapr: nameresolution/sqlite). An entry that is not
/// renewed for three intervals is not there: its process was killed.
/// </summary>
internal sealed partial class SqliteNameResolver : INameResolver
{
    /// <summary>Between two renewals; Dapr's default.</summary>
    public static readonly TimeSpan UpdateInterval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan CacheTime = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (IReadOnlyList<string> Addresses, long At)> _cache = new(StringComparer.Ordinal);
    private readonly string _registration = Guid.NewGuid().ToString();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SqliteSession _session;
    private readonly SidecarOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private string? _address;
    private Task _renewal = Task.CompletedTask;

    /// <summary>Opens the file, making it when it is not there.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public SqliteNameResolver(string connectionString, SidecarOptions options, TimeProvider time, ILogger log)
    {
        (_options, _time, _log) = (options, time, log);
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        _session = new SqliteSession(connection);
        _session.Execute("PRAGMA busy_timeout = 30000");
        _session.Execute("PRAGMA journal_mode = WAL");
        _session.Execute("""
            CREATE TABLE IF NOT EXISTS hosts (
              registration_id TEXT NOT NULL PRIMARY KEY, address TEXT NOT NULL UNIQUE, app_id TEXT NOT NULL, namespace TEXT NOT NULL, last_update INTEGER NOT NULL)
            """);
        _session.Execute("CREATE INDEX IF NOT EXISTS hosts_app ON hosts (app_id, namespace, last_update)");
    }

    /// <inheritdoc/>
    public Task RegisterAsync(string address, CancellationToken cancellationToken)
    {
        _address = address;
        Write();
        _renewal = RenewAsync();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ResolveAsync(string appId, string @namespace, CancellationToken cancellationToken)
    {
        var key = $"{@namespace}/{appId}";
        lock (_lock)
        {
            if (_cache.TryGetValue(key, out var cached) && _time.GetElapsedTime(cached.At) < CacheTime)
            {
                return ValueTask.FromResult(cached.Addresses);
            }

            var oldest = Now() - (long)(3 * UpdateInterval).TotalSeconds;
            IReadOnlyList<string> addresses = _session.Query(
                "SELECT address FROM hosts WHERE app_id = ?1 AND namespace = ?2 AND last_update >= ?3 AND registration_id <> ?4 ORDER BY registration_id",
                row => row.Text(0), appId, @namespace, oldest, _registration);
            if (addresses.Count > 0)
            {
                _cache[key] = (addresses, _time.GetTimestamp());
            }

            return ValueTask.FromResult(addresses);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _renewal;
        lock (_lock)
        {
            _session.Execute("DELETE FROM hosts WHERE registration_id = ?1", _registration);
            _session.Dispose();
        }

        _stopping.Dispose();
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeSeconds();

    private void Write()
    {
        lock (_lock)
        {
            // Whoever had the address before has it no more: only one process listens there.
            _session.Execute("DELETE FROM hosts WHERE address = ?1 AND registration_id <> ?2", _address, _registration);
            _session.Execute(
                "INSERT OR REPLACE INTO hosts (registration_id, address, app_id, namespace, last_update) VALUES (?1, ?2, ?3, ?4, ?5)",
                _registration, _address, _options.AppId, _options.Namespace, Now());
        }
    }

    private async Task RenewAsync()
    {
        while (true)
        {
            try
            {
                await Task.Delay(UpdateInterval, _time, _stopping.Token);
                Write();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SqliteException failure)
            {
                NotRenewed(failure);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The entry of this sidecar could not be renewed; other processes may lose it until the next attempt succeeds")]
    private partial void NotRenewed(Exception failure);
}
