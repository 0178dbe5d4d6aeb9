using System.Globalization;
using System.Runtime.CompilerServices;
using Eventide.Sidecar.Components.Redis;
using StackExchange.Redis;

namespace Eventide.Sidecar.Components.State.Redis;

/// <summary>
/// state.redis: items laid out as daprd lays them out (Dapr: state/redis), so that it can share the server. What a completed call wrote is as durable as the server's
/// appendonly setting makes it. Unlike daprd's, a transaction is done completely or not at all, first-write without an ETag never replaces an item, and a write
/// without a time to live ends an earlier one.
/// </summary>
internal sealed class RedisStateStore(RedisSettings settings, TimeSpan? timeToLive, ComponentContext context) : IStateStore, IOwnedByProcess
{
    private const int Page = 500;
    private static readonly RedisValue[] Fields = ["data", "version"];
    private RedisConnection? _connection;

    /// <inheritdoc/>
    public StateCapabilities Capabilities =>
        StateCapabilities.ETag | StateCapabilities.Transactional | StateCapabilities.Ttl | StateCapabilities.KeysLike | StateCapabilities.Actor;

    private RedisConnection Connection => _connection ?? throw new InvalidOperationException("The store is not open.");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        _connection = RedisConnection.Rent(settings, context.Shared, context.Time, context.Loggers);
        try
        {
            await _connection.OpenAsync(cancellationToken);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<StateItem?> GetAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await FindAsync(Connection.Database, key).WaitAsync(cancellationToken);
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            throw Connection.Failure(failure);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<StateItem?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        try
        {
            var database = Connection.Database;
            return await Task.WhenAll(keys.Select(key => FindAsync(database, key))).WaitAsync(cancellationToken);
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            throw Connection.Failure(failure);
        }
    }

    /// <inheritdoc/>
    public ValueTask SetAsync(StateSet operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(StateDelete operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

    /// <inheritdoc/>
    public async ValueTask TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken) =>
        await WriteAsync(operations, null, cancellationToken);

    /// <summary>Writes as the owner of a part, or as anybody. False, and nothing is written, when the part is not this owner's.</summary>
    public async Task<bool> WriteAsync(IReadOnlyList<StateOperation> operations, RedisLease? owner, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (operations.Count == 0)
        {
            return true;
        }

        var keys = new RedisKey[operations.Count + 1];
        var values = new RedisValue[1 + (operations.Count * RedisScripts.ArgumentsPerOperation)];
        (keys[0], values[0]) = (owner?.Key ?? "", owner?.Token ?? "");
        for (var i = 0; i < operations.Count; i++)
        {
            keys[i + 1] = operations[i].Key;
            Describe(operations[i], values.AsSpan(1 + (i * RedisScripts.ArgumentsPerOperation)));
        }

        try
        {
            var answer = (long)await Connection.EvaluateAsync(RedisScripts.Write, keys, values).WaitAsync(cancellationToken);
            if (answer is not RedisScripts.Done and not RedisScripts.NotOwned)
            {
                throw Refused(operations[(int)answer - 1]);
            }

            if (Connection.Replicas > 0 && operations.Any(operation => operation is StateSet { Strong: true }))
            {
                await Connection.Database.ExecuteAsync("WAIT", Connection.Replicas, 1000).WaitAsync(cancellationToken);
            }

            return answer == RedisScripts.Done;
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            throw Connection.Failure(failure);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StateItem> ScanAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var keys = ListedKeys.Parse(prefix) is { } list ? list.PagesAsync(Connection, Page) : ScannedKeys.PagesAsync(Connection, prefix, Page);
        await foreach (var page in keys.WithCancellation(cancellationToken))
        {
            foreach (var item in await GetManyAsync(page, cancellationToken))
            {
                if (item is not null)
                {
                    yield return item;
                }
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask PingAsync(CancellationToken cancellationToken) => await Connection.PingAsync().WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IOwnership> OwnAsync(string part, CancellationToken cancellationToken) =>
        await RedisOwnership.TakeAsync(this, Connection, part, context.Time, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            _connection = null;
            await context.Shared.ReturnAsync(settings.Identity());
        }
    }

    private void Describe(StateOperation operation, Span<RedisValue> arguments)
    {
        arguments[1] = operation.ETag ?? "";
        arguments[2] = operation.FirstWrite ? "1" : "0";
        if (operation is not StateSet set)
        {
            (arguments[0], arguments[3], arguments[4]) = ("del", 0, "");
            return;
        }

        if (!string.IsNullOrEmpty(set.ETag) && !long.TryParse(set.ETag, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            throw new ETagInvalidException(set.Key, set.ETag);
        }

        (arguments[0], arguments[3], arguments[4]) = ("set", Milliseconds(set.TimeToLive ?? timeToLive), set.Value);
    }

    // As in daprd, only who named an ETag is told that it is another one by now.
    private static Exception Refused(StateOperation operation) =>
        string.IsNullOrEmpty(operation.ETag) ? new RedisFailure($"failed to set key {operation.Key}: it exists and is kept from writes without its ETag")
            : new ETagMismatchException(operation.Key);

    private static long Milliseconds(TimeSpan? time) => time is { } some ? Math.Max(1, (long)some.TotalMilliseconds) : 0;

    private static async Task<StateItem?> FindAsync(IDatabase database, string key)
    {
        RedisValue[] fields;
        try
        {
            fields = await database.HashGetAsync(key, Fields);
        }
        catch (RedisServerException other) when (other.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            // Plain text, which versions of Dapr before 1.0 wrote. It has no ETag.
            ReadOnlyMemory<byte> text = await database.StringGetAsync(key);
            return new StateItem(key, text, null);
        }

        return fields[0].IsNull ? null : new StateItem(key, fields[0], fields[1]);
    }
}

/// <summary>Makes <see cref="RedisStateStore"/>.</summary>
internal sealed class RedisStateStoreFactory : IComponentFactory<IStateStore>
{
    /// <inheritdoc/>
    public string Type => "state.redis";

    /// <inheritdoc/>
    public IStateStore Create(ComponentDefinition definition, ComponentContext context)
    {
        // Settings of the pub/sub component that Dapr's state component takes too, without effect.
        definition.Metadata.Text("redeliverInterval");
        definition.Metadata.Text("processingTimeout");
        var seconds = definition.Metadata.Number("ttlInSeconds", 0, -1);
        return new RedisStateStore(RedisSettings.Read(definition), seconds > 0 ? TimeSpan.FromSeconds(seconds) : null, context);
    }
}
