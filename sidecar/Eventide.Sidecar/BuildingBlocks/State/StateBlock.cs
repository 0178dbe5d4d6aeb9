using Eventide.Sidecar.Api;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.State;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Metrics;
using Eventide.Sidecar.Resiliency;

namespace Eventide.Sidecar.BuildingBlocks.State;

/// <summary>
/// State management: every operation once, for both API surfaces. Keys get the component's prefix on the way in and lose it on the way out. Thread-safe.
/// </summary>
internal sealed class StateBlock(ComponentRegistry<IStateStore> stores, IResiliencyPolicies policies, SidecarOptions options, SidecarMetrics metrics) : IBuildingBlock
{
    private static readonly (string Setting, string Promise)[] Unserved =
    [
        ("primaryEncryptionKey", "encryption"), ("secondaryEncryptionKey", "encryption"), ("outboxPublishPubsub", "an outbox"), ("outboxPublishTopic", "an outbox"),
    ];

    private readonly Dictionary<string, KeyPrefix> _prefixes = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        await stores.OpenAsync("state.", async (store, token) => await store.InitializeAsync(token), cancellationToken);
        foreach (var (_, definition) in stores.All)
        {
            RefuseUnserved(definition);
            _prefixes[definition.Name] = KeyPrefix.Of(definition, options);
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var (store, _) in stores.All)
        {
            await store.DisposeAsync();
        }
    }

    /// <summary>The item, or null.</summary>
    public async ValueTask<StateItem?> GetAsync(string storeName, string key, CancellationToken cancellationToken)
    {
        var (store, prefix) = Find(storeName);
        var prefixed = prefix.Add(Checked(key));
        try
        {
            return await policies.ForComponentOutbound(storeName, ComponentKind.Statestore)
                .ExecuteAsync(static (call, token) => call.store.GetAsync(call.prefixed, token), (store, prefixed), cancellationToken);
        }
        catch (Exception failure) when (IsStoreFailure(failure, cancellationToken))
        {
            throw StateErrors.GetFailed(key, storeName, failure);
        }
    }

    /// <summary>One answer per key in the order of the keys; keys without prefix.</summary>
    public async ValueTask<IReadOnlyList<(string Key, StateItem? Item)>> GetManyAsync(
        string storeName, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var (store, prefix) = Find(storeName);
        var prefixed = keys.Select(key => prefix.Add(Checked(key))).ToList();
        try
        {
            var items = await policies.ForComponentOutbound(storeName, ComponentKind.Statestore)
                .ExecuteAsync(token => store.GetManyAsync(prefixed, token), cancellationToken);
            return keys.Zip(items).ToList();
        }
        catch (Exception failure) when (IsStoreFailure(failure, cancellationToken))
        {
            throw StateErrors.GetFailed(string.Join(",", keys), storeName, failure);
        }
    }

    /// <summary>Writes each item; several items are one transaction where the store can, as daprd's bulk set is.</summary>
    public async ValueTask SaveAsync(string storeName, IReadOnlyList<StateSet> items, CancellationToken cancellationToken)
    {
        var (store, prefix) = Find(storeName);
        var operations = items.Select(StateOperation (item) => item with { Key = prefix.Add(Checked(item.Key)) }).ToList();
        if (operations.Count == 0)
        {
            return;
        }

        try
        {
            await policies.ForComponentOutbound(storeName, ComponentKind.Statestore)
                .ExecuteAsync(token => store.TransactAsync(operations, token), cancellationToken);
        }
        catch (Exception failure) when (IsStoreFailure(failure, cancellationToken))
        {
            throw StateErrors.SaveFailed(storeName, failure);
        }
    }

    /// <summary>Deletes one item; absent is success.</summary>
    public async ValueTask DeleteAsync(string storeName, StateDelete item, CancellationToken cancellationToken)
    {
        var (store, prefix) = Find(storeName);
        var operation = item with { Key = prefix.Add(Checked(item.Key)) };
        try
        {
            await policies.ForComponentOutbound(storeName, ComponentKind.Statestore)
                .ExecuteAsync(token => store.DeleteAsync(operation, token), cancellationToken);
        }
        catch (Exception failure) when (IsStoreFailure(failure, cancellationToken))
        {
            throw StateErrors.DeleteFailed(item.Key, failure);
        }
    }

    /// <summary>All or nothing.</summary>
    public async ValueTask TransactAsync(string storeName, IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        var (store, prefix) = Find(storeName);
        var prefixed = operations.Select(operation => operation with { Key = prefix.Add(Checked(operation.Key)) }).ToList();
        if (prefixed.Count == 0)
        {
            return;
        }

        try
        {
            await policies.ForComponentOutbound(storeName, ComponentKind.Statestore)
                .ExecuteAsync(token => store.TransactAsync(prefixed, token), cancellationToken);
        }
        catch (Exception failure) when (IsStoreFailure(failure, cancellationToken))
        {
            throw StateErrors.TransactionFailed(failure);
        }
    }

    // Elsewhere a setting without effect is worth a warning. Here it would leave secrets readable, or events unpublished, while everything seems well.
    private static void RefuseUnserved(ComponentDefinition definition)
    {
        foreach (var (setting, promise) in Unserved)
        {
            if (definition.Metadata.All.ContainsKey(setting))
            {
                throw new SidecarStartException(
                    $"{definition.File}: component \"{definition.Name}\": {setting} asks for {promise}, which the embedded sidecar does not serve; remove it or use daprd.");
            }
        }
    }

    /// <summary>The error of every query: no store here can answer one.</summary>
    public ApiException RefuseQuery(string storeName)
    {
        Find(storeName);
        return StateErrors.QueryUnsupported(storeName);
    }

    private (IStateStore Store, KeyPrefix Prefix) Find(string name) =>
        stores.Find(name) is { } store ? (metrics.IsEnabled ? new MeteredStateStore(store, name, metrics) : store, _prefixes[name])
        : throw (stores.All.Count == 0 ? StateErrors.NotConfigured(name, options.AppId) : StateErrors.NotFound(name));

    private static string Checked(string key) =>
        key.Length == 0 ? throw StateErrors.EmptyKey() : key.Contains("||", StringComparison.Ordinal) ? throw StateErrors.IllegalKey(key) : key;

    private static bool IsStoreFailure(Exception failure, CancellationToken cancellationToken) =>
        failure is not ApiException && !cancellationToken.IsCancellationRequested;
}
