using Eventide.ServiceDefaults.Modules;

namespace Eventide.Catalog.Domain;

/// <summary>The answers to modules of the same process; others get them by GET /products. Thread-safe.</summary>
internal sealed class ProductCatalog(Products products) : IProductCatalog
{
    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, CatalogProduct>> FindAsync(IReadOnlyCollection<string> skus, CancellationToken cancellationToken)
    {
        var found = await products.ReadAsync([.. skus.Distinct(StringComparer.Ordinal).Select(products.Find).OfType<Contracts.ProductSeed>()], cancellationToken);
        return found.ToDictionary(
            product => product.Sku, product => new CatalogProduct(product.Sku, product.Name, product.Price, product.Availability.ToString()), StringComparer.Ordinal);
    }
}
