using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.Options;

namespace Eventide.Catalog.Domain;

/// <summary>What customers see of a product in a list.</summary>
internal sealed record ListedProduct(string Sku, string Name, string Category, decimal Price, Availability Availability);

/// <summary>One answer to a list request.</summary>
/// <param name="Total">How many products match, on this page or another.</param>
internal sealed record Page(long Generation, IReadOnlyList<ListedProduct> Products, int Total);

/// <summary>
/// Pages in the store of the service, so that all replicas share them. They belong to a generation: dropping all of them is counting up one number. A page is read
/// together with that number in one call, and one that is computed while the number changes belongs to the old one, so that no reader ever gets it. Thread-safe.
/// </summary>
internal sealed partial class PageCache(DocumentStore store, IOptions<CatalogOptions> options, ILogger<PageCache> log)
{
    // Its document has the shape of a page, so that one bulk read brings both.
    private const string GenerationKey = "catalog/generation";
    private static readonly Meter Meter = new("Eventide.Catalog");

    private static readonly Counter<long> Requests = Meter.CreateCounter<long>(
        "eventide.catalog.page.requests", "{request}", "Pages asked for; the share of eventide.cache.result = hit is the hit rate.");

    /// <summary>The page for a query, and whether it was cached; otherwise <paramref name="compute"/> makes it and it is kept for the next.</summary>
    public async Task<(Page Page, bool IsHit)> GetAsync(string query, Func<Task<(IReadOnlyList<ListedProduct> Products, int Total)>> compute, CancellationToken cancellationToken)
    {
        var key = $"catalog/page/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(query)))}";
        var found = await store.GetManyAsync<Page>([GenerationKey, key], cancellationToken);
        var generation = found.GetValueOrDefault(GenerationKey)?.Generation ?? 0;
        var isHit = found.TryGetValue(key, out var page) && page.Generation == generation;
        Requests.Add(1, new KeyValuePair<string, object?>("eventide.cache.result", isHit ? "hit" : "miss"));
        if (isHit)
        {
            return (page!, true);
        }

        var (products, total) = await compute();
        var made = new Page(generation, products, total);
        try
        {
            await store.UpdateAsync<Page>(key, current => current?.Generation > generation ? current : made, cancellationToken, options.Value.PageTimeToLive);
        }
        catch (Dapr.DaprException failure)
        {
            // The answer is right without it.
            NotKept(failure);
        }

        return (made, false);
    }

    /// <summary>Drops every page, in every replica.</summary>
    public Task DropAsync(CancellationToken cancellationToken) => store.UpdateAsync<Page>(
        GenerationKey, current => new Page((current?.Generation ?? 0) + 1, [], 0), cancellationToken);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A page could not be kept; it is made again for the next reader")]
    private partial void NotKept(Exception failure);
}
