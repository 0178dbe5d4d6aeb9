using System.Collections.Concurrent;
using Eventide.Contracts;
using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.Options;

namespace Eventide.Catalog.Domain;

/// <summary>
/// Every product: name and category from the seed catalog, price and stock level as they last changed. Reads go to the store, so what a price change has written is
/// what the next reader gets. Thread-safe.
/// </summary>
internal sealed class Products(DocumentStore store, PageCache cache, IOptions<CatalogOptions> options, TimeProvider time)
{
    private const int LargestBatch = 200;
    private readonly ConcurrentDictionary<string, Batches<StockAvailable, bool>> _news = new(StringComparer.Ordinal);

    /// <summary>The seed catalog in the order in which it is shown.</summary>
    public IReadOnlyList<ProductSeed> Seeds { get; } = ProductSeed.Load();

    /// <summary>The products of these seeds as they are now, in one read.</summary>
    public async Task<IReadOnlyList<Product>> ReadAsync(IReadOnlyList<ProductSeed> seeds, CancellationToken cancellationToken)
    {
        var prices = store.GetManyAsync<PriceDocument>([.. seeds.Select(seed => PriceDocument.Key(seed.Sku))], cancellationToken);
        var levels = await store.GetManyAsync<LevelDocument>([.. seeds.Select(seed => LevelDocument.Key(seed.Sku))], cancellationToken);
        var changed = await prices;
        return
        [
            .. seeds.Select(seed =>
            {
                var available = (levels.GetValueOrDefault(LevelDocument.Key(seed.Sku)) ?? Untouched(seed)).Available;
                var price = changed.GetValueOrDefault(PriceDocument.Key(seed.Sku))?.Price ?? seed.Price;
                return new Product(seed.Sku, seed.Name, seed.Category, price, Of(available), available);
            }),
        ];
    }

    /// <summary>The seed of a SKU, or null.</summary>
    public ProductSeed? Find(string sku) => Seeds.FirstOrDefault(seed => seed.Sku == sku);

    /// <summary>Sets the price of an existing product. When it returns, no page shows the old one.</summary>
    public async Task SetPriceAsync(string sku, decimal price, CancellationToken cancellationToken)
    {
        await store.UpdateAsync<PriceDocument>(
            PriceDocument.Key(sku), current => current?.Price == price ? current : new PriceDocument(price, time.GetUtcNow()), cancellationToken);

        // Also when the price was that already: the last attempt may have ended between the two.
        await cache.DropAsync(cancellationToken);
    }

    /// <summary>
    /// Takes in what inventory says, the highest version of each SKU. Pages show no numbers, so they are dropped only when an availability changes: otherwise every
    /// order would drop them all.
    /// </summary>
    public Task LearnAsync(IEnumerable<StockAvailable> news, CancellationToken cancellationToken) => Task.WhenAll(
        news.Where(entry => Find(entry.Sku) is not null).Select(entry => _news.GetOrAdd(entry.Sku, WriterOf).AddAsync(entry, cancellationToken)));

    private Batches<StockAvailable, bool> WriterOf(string sku) => new(LargestBatch, async news =>
    {
        var untouched = Untouched(Find(sku)!);
        var newest = news.MaxBy(entry => entry.Version)!;
        var level = await store.UpdateAsync<LevelDocument>(LevelDocument.Key(sku), current => (current ?? untouched).With(newest), CancellationToken.None);
        if (Of(level.Available) != level.Shown)
        {
            // Dropped first, noted second: after a crash in between, they are dropped once more.
            await cache.DropAsync(CancellationToken.None);
            await store.UpdateAsync<LevelDocument>(
                LevelDocument.Key(sku),
                current => current!.Version == level.Version && current.Shown != Of(current.Available) ? current with { Shown = Of(current.Available) } : current,
                CancellationToken.None);
        }

        return [.. news.Select(_ => true)];
    });

    private LevelDocument Untouched(ProductSeed seed) => new(seed.Stock, 0, Of(seed.Stock));

    private Availability Of(int available) =>
        available <= 0 ? Availability.SoldOut : available <= options.Value.FewLeft ? Availability.FewLeft : Availability.InStock;
}
