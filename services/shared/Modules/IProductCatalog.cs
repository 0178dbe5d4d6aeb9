using Eventide.ServiceDefaults.Problems;

namespace Eventide.ServiceDefaults.Modules;

/// <summary>
/// What other modules ask the catalog: in process where one host has both, otherwise through the sidecar. Prices come from here, never from a customer. Thread-safe.
/// </summary>
public interface IProductCatalog
{
    /// <summary>Those of the products that exist, as they are now, by SKU.</summary>
    /// <exception cref="ServiceUnavailableException">The catalog does not answer.</exception>
    Task<IReadOnlyDictionary<string, CatalogProduct>> FindAsync(IReadOnlyCollection<string> skus, CancellationToken cancellationToken);
}

/// <summary>A product as customers see it; the price is in euro.</summary>
public sealed record CatalogProduct(string Sku, string Name, decimal Price, string Availability);
