using System.Text.Json;
using Eventide.ServiceDefaults.Problems;

namespace Eventide.Basket.Domain;

/// <summary>A product as the catalog shows it now; the price is in euro.</summary>
public sealed record CatalogProduct(string Sku, string Name, decimal Price, string Availability);

/// <summary>What the catalog knows of the products in a cart. Thread-safe.</summary>
/// <param name="catalog">Calls the catalog service through the sidecar.</param>
public sealed class CatalogProducts(HttpClient catalog)
{
    /// <summary>The products that exist, by SKU.</summary>
    /// <exception cref="ServiceUnavailableException">The catalog does not answer.</exception>
    public async Task<IReadOnlyDictionary<string, CatalogProduct>> FindAsync(IReadOnlyList<string> skus, CancellationToken cancellationToken)
    {
        if (skus.Count == 0)
        {
            return new Dictionary<string, CatalogProduct>();
        }

        try
        {
            var products = await catalog.GetFromJsonAsync<List<CatalogProduct>>($"/products?skus={Uri.EscapeDataString(string.Join(',', skus))}", cancellationToken);
            return products!.ToDictionary(product => product.Sku, StringComparer.Ordinal);
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new ServiceUnavailableException("The catalog does not answer, so products and prices are not known; repeat the request.", failure);
        }
    }
}
