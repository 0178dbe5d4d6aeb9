using System.Text.Json;
using Eventide.ServiceDefaults.Problems;

namespace Eventide.Ordering.Domain;

/// <summary>Prices come from the catalog, never from the customer. Thread-safe.</summary>
/// <param name="catalog">Calls the catalog service through the sidecar.</param>
public sealed class CatalogPrices(HttpClient catalog)
{
    /// <summary>The price of each known SKU, in euro.</summary>
    /// <exception cref="ServiceUnavailableException">The catalog does not answer.</exception>
    public async Task<IReadOnlyDictionary<string, decimal>> GetAsync(IEnumerable<string> skus, CancellationToken cancellationToken)
    {
        try
        {
            var products = await catalog.GetFromJsonAsync<List<Product>>($"/products?skus={Uri.EscapeDataString(string.Join(',', skus))}", cancellationToken);
            return products!.ToDictionary(product => product.Sku, product => product.Price);
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new ServiceUnavailableException("The catalog does not answer, so prices are not known; repeat the request.", failure);
        }
    }

    private sealed record Product(string Sku, decimal Price);
}
