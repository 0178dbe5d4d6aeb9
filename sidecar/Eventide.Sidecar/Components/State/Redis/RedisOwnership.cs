using Eventide.Sidecar.Components.Redis;
using Eventide.Sidecar.Hosting;
using StackExchange.Redis;

namespace Eventide.Sidecar.Components.State.Redis;

/// <summary>The key of a lease and the token of whoever holds it.</summary>
internal sealed record RedisLease(string Key, string Token);

/// <summary>
/// A part of a store that belongs to this process: a key with this process's token that expires unless it is prolonged. Every write of the owner compares the token
/// in the same step, by the server, so a process that was paused past its lease cannot write. Thread-safe.
/// </summary>
internal sealed class RedisOwnership : IOwnership, IStateStore
{
    // How long a killed owner keeps the part from the next one, and how long the server may be away or this process paused before the part is lost.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = Lease + TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly RedisStateStore _store;
    private readonly RedisConnection _connection;
    private readonly RedisLease _lease;
    private readonly Task _keeping;

    private RedisOwnership(RedisStateStore store, RedisConnection connection, RedisLease lease)
    {
        (_store, _connection, _lease) = (store, connection, lease);
        _keeping = Task.Run(KeepAsync);
    }

    /// <inheritdoc/>
    public IStateStore Store => this;

    /// <inheritdoc/>
    public CancellationToken Lost => _lost.Token;

    /// <inheritdoc/>
    public StateCapabilities Capabilities => _store.Capabilities;

    /// <inheritdoc cref="IOwnedByProcess.OwnAsync"/>
    public static async Task<IOwnership> TakeAsync(
        RedisStateStore store, RedisConnection connection, string part, TimeProvider time, CancellationToken cancellationToken)
    {
        var lease = new RedisLease($"eventide.owner||{part}", $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}");
        var begin = time.GetTimestamp();
        try
        {
            while (!await connection.Database.StringSetAsync(lease.Key, lease.Token, Lease, when: When.NotExists))
            {
                if (time.GetElapsedTime(begin) > Patience)
                {
                    throw new SidecarStartException(
                        $"Another running process has {part} in {connection.Settings} (it says {await connection.Database.StringGetAsync(lease.Key)}); stop that one, or give this one another redisDB.");
                }

                await Task.Delay(Pause, time, cancellationToken);
            }
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            throw connection.Failure(failure);
        }

        return new RedisOwnership(store, connection, lease);
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
        if (_lost.IsCancellationRequested || !await _store.WriteAsync(operations, _lease, cancellationToken))
        {
            // Whoever is told stops an engine, which waits for what is under way here.
            _ = _lost.CancelAsync();
            throw new IOException($"this process no longer owns {_lease.Key} in {_connection.Settings}");
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
        await _keeping;
        try
        {
            // On the connection of the writes and behind them.
            await _connection.EvaluateAsync(RedisScripts.Release, [_lease.Key], [_lease.Token]);
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            // It expires.
        }
    }

    /// <summary>Prolongs the lease until it is lost or given up. By the real clock, as the server counts.</summary>
    private async Task KeepAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        var held = TimeProvider.System.GetTimestamp();
        try
        {
            while (!_lost.IsCancellationRequested && await timer.WaitForNextTickAsync(_closing.Token))
            {
                var asked = TimeProvider.System.GetTimestamp();
                var isProlonged = await IsProlongedAsync();
                held = isProlonged == true ? asked : held;
                if (isProlonged == false || TimeProvider.System.GetElapsedTime(held) > Lease)
                {
                    await _lost.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // Given up.
        }
    }

    /// <summary>Null when the server did not say.</summary>
    private async Task<bool?> IsProlongedAsync()
    {
        try
        {
            return (long)await _connection.EvaluateAsync(RedisScripts.Renew, [_lease.Key], [_lease.Token, (long)Lease.TotalMilliseconds]) == 1;
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            return null;
        }
    }
}
