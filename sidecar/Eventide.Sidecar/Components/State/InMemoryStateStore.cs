using System.Runtime.CompilerServices;

namespace Eventide.Sidecar.Components.State;

/// <summary>state.in-memory: for tests; everything is gone with the process. One lock: it is not built for load.</summary>
internal sealed class InMemoryStateStore(TimeProvider time) : IStateStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, StateItem> _items = new(KeyOrder.Instance);

    /// <inheritdoc/>
    public StateCapabilities Capabilities =>
        StateCapabilities.ETag | StateCapabilities.Transactional | StateCapabilities.Ttl | StateCapabilities.KeysLike | StateCapabilities.DeleteWithPrefix
        | StateCapabilities.Actor;

    /// <inheritdoc/>
    public ValueTask InitializeAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<StateItem?> GetAsync(string key, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(Find(key));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StateItem?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return new(keys.Select(Find).ToList());
        }
    }

    /// <inheritdoc/>
    public ValueTask SetAsync(StateSet operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(StateDelete operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

    /// <inheritdoc/>
    public ValueTask TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var operation in operations)
            {
                ETags.Check(operation, Find(operation.Key)?.ETag);
            }

            foreach (var operation in operations)
            {
                if (operation is StateSet set)
                {
                    DateTimeOffset? expires = set.TimeToLive is { } ttl ? time.GetUtcNow() + ttl : null;
                    _items[set.Key] = new StateItem(set.Key, set.Value.ToArray(), Guid.NewGuid().ToString(), expires);
                }
                else
                {
                    _items.Remove(operation.Key);
                }
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StateItem> ScanAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        List<StateItem> found;
        lock (_lock)
        {
            found = _items.Values.Where(item => item.Key.StartsWith(prefix, StringComparison.Ordinal) && IsLive(item)).ToList();
        }

        foreach (var item in found)
        {
            yield return item;
        }
    }

    /// <inheritdoc/>
    public ValueTask PingAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private StateItem? Find(string key) => _items.TryGetValue(key, out var item) && IsLive(item) ? item : null;

    private bool IsLive(StateItem item) => item.ExpiresAt is not { } expires || expires > time.GetUtcNow();
}

/// <summary>Makes <see cref="InMemoryStateStore"/>.</summary>
internal sealed class InMemoryStateStoreFactory : IComponentFactory<IStateStore>
{
    /// <inheritdoc/>
    public string Type => "state.in-memory";

    /// <inheritdoc/>
    public IStateStore Create(ComponentDefinition definition, ComponentContext context) => new InMemoryStateStore(context.Time);
}
