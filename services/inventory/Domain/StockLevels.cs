using Eventide.ServiceDefaults.State;

namespace Eventide.Inventory.Domain;

/// <summary>What each SKU starts with.</summary>
public sealed record InitialStock(IReadOnlyDictionary<string, int> BySku);

/// <summary>The SKU documents. A SKU without a document has its initial stock. Thread-safe.</summary>
public sealed class StockLevels(DocumentStore store, InitialStock initial)
{
    /// <summary>Applies a change and returns what stands.</summary>
    public Task<StockLevel> ChangeAsync(string sku, Func<StockLevel, StockLevel> change, CancellationToken cancellationToken)
    {
        var untouched = StockLevel.Of(sku, initial.BySku.GetValueOrDefault(sku));
        return store.UpdateAsync<StockLevel>(StockLevel.Key(sku), current => change(current ?? untouched), cancellationToken);
    }

    /// <summary>Every SKU.</summary>
    public async Task<IReadOnlyList<StockLevel>> ListAsync(CancellationToken cancellationToken) => await Task.WhenAll(initial.BySku.Select(async entry =>
        await store.GetAsync<StockLevel>(StockLevel.Key(entry.Key), cancellationToken) ?? StockLevel.Of(entry.Key, entry.Value)));
}
