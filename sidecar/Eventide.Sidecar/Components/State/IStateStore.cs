namespace Eventide.Sidecar.Components.State;

/// <summary>
/// A state component. Keys arrive with their prefix. Safe for any number of concurrent callers. What a completed call wrote is as durable as
/// the component promises.
/// </summary>
internal interface IStateStore : IAsyncDisposable
{
    /// <summary>What this store can do, as listed by GET /v1.0/metadata.</summary>
    StateCapabilities Capabilities { get; }

    /// <summary>Opens the store; throws when it cannot be reached.</summary>
    ValueTask InitializeAsync(CancellationToken cancellationToken);

    /// <summary>The item, or null when absent or expired.</summary>
    ValueTask<StateItem?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>One answer per key, in the order of the keys; null where absent or expired.</summary>
    ValueTask<IReadOnlyList<StateItem?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>Writes one item. Throws <see cref="ETagMismatchException"/> or <see cref="ETagInvalidException"/>.</summary>
    ValueTask SetAsync(StateSet operation, CancellationToken cancellationToken);

    /// <summary>Deletes one item; absent is success. Throws <see cref="ETagMismatchException"/> or <see cref="ETagInvalidException"/>.</summary>
    ValueTask DeleteAsync(StateDelete operation, CancellationToken cancellationToken);

    /// <summary>Applies all operations or none, in order.</summary>
    ValueTask TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken);

    /// <summary>All items whose key starts with <paramref name="prefix"/>, in the order of <see cref="KeyOrder"/> (capability KEYS_LIKE).</summary>
    IAsyncEnumerable<StateItem> ScanAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Throws when the store does not answer.</summary>
    ValueTask PingAsync(CancellationToken cancellationToken);
}

/// <summary>Capabilities of a state component.</summary>
[Flags]
internal enum StateCapabilities
{
    None = 0,
    ETag = 1,
    Transactional = 2,
    Ttl = 4,
    KeysLike = 8,
    DeleteWithPrefix = 16,

    /// <summary>Can hold actor and workflow state.</summary>
    Actor = 32,
}

/// <summary>A stored item as read.</summary>
internal sealed record StateItem(string Key, ReadOnlyMemory<byte> Value, string? ETag, DateTimeOffset? ExpiresAt = null);

/// <summary>One operation of a transaction.</summary>
/// <param name="Key">The prefixed key.</param>
/// <param name="ETag">The expected ETag; null expects nothing.</param>
/// <param name="FirstWrite">With no ETag, an existing item is a mismatch.</param>
internal abstract record StateOperation(string Key, string? ETag, bool FirstWrite);

/// <summary>Inserts or replaces an item.</summary>
/// <param name="Value">The bytes to store.</param>
/// <param name="TimeToLive">When the item expires; null never.</param>
/// <param name="Strong">The caller asked for strong consistency: where the store has replicas they should have it too.</param>
internal sealed record StateSet(
    string Key, ReadOnlyMemory<byte> Value, string? ETag = null, bool FirstWrite = false, TimeSpan? TimeToLive = null, bool Strong = false)
    : StateOperation(Key, ETag, FirstWrite);

/// <summary>Removes an item.</summary>
internal sealed record StateDelete(string Key, string? ETag = null, bool FirstWrite = false) : StateOperation(Key, ETag, FirstWrite);

/// <summary>The stored ETag is not the expected one.</summary>
internal sealed class ETagMismatchException(string key) : Exception($"possible etag mismatch for key {key}");

/// <summary>The ETag cannot be one of this store.</summary>
internal sealed class ETagInvalidException(string key, string etag) : Exception($"invalid etag value {etag} for key {key}");
