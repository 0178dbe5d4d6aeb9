using System.Collections.Concurrent;
using Eventide.Contracts;
using Eventide.ServiceDefaults.State;

namespace Eventide.Inventory.Domain;

/// <summary>What each SKU starts with.</summary>
public sealed record InitialStock(IReadOnlyDictionary<string, int> BySku);

/// <summary>The SKU documents. A SKU without a document has its initial stock. Thread-safe.</summary>
public sealed class StockLevels(DocumentStore store, InitialStock initial, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, StockChanges> _changes = new(StringComparer.Ordinal);

    /// <summary>Applies a change and returns what stands after it; changes of the same SKU share writes.</summary>
    public Task<StockLevel> ChangeAsync(string sku, Func<StockLevel, StockLevel> change, CancellationToken cancellationToken) =>
        _changes.GetOrAdd(sku, key => new StockChanges(key, Untouched(key), store, time)).ApplyAsync(change, cancellationToken);

    /// <summary>Applies the same change to the SKU of every line and returns the levels, in the order of the lines.</summary>
    public async Task<IReadOnlyList<StockAvailable>> ChangeAllAsync(
        IEnumerable<OrderLine> lines, Func<StockLevel, StockLevel> change, CancellationToken cancellationToken)
    {
        var levels = await Task.WhenAll(lines.Select(line => ChangeAsync(line.Sku, change, cancellationToken)));
        return [.. levels.Select(level => level.ToAvailable())];
    }

    /// <summary>One SKU; null when it is not known.</summary>
    public async Task<StockLevel?> FindAsync(string sku, CancellationToken cancellationToken) =>
        await store.GetAsync<StockLevel>(StockLevel.Key(sku), cancellationToken) ?? (initial.BySku.ContainsKey(sku) ? Untouched(sku) : null);

    /// <summary>Every SKU.</summary>
    public async Task<IReadOnlyList<StockLevel>> ListAsync(CancellationToken cancellationToken) => await Task.WhenAll(initial.BySku.Keys.Select(async sku =>
        await store.GetAsync<StockLevel>(StockLevel.Key(sku), cancellationToken) ?? Untouched(sku)));

    private StockLevel Untouched(string sku) => StockLevel.Of(sku, initial.BySku.GetValueOrDefault(sku));
}
