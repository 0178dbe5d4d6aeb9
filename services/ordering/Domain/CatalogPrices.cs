namespace Eventide.Ordering.Domain;

/// <summary>Prices come from the catalog, never from the customer.</summary>
public sealed class CatalogPrices(HttpClient catalog)
{
    /// <summary>The price of each known SKU, in euro.</summary>
    public async Task<IReadOnlyDictionary<string, decimal>> GetAsync(IEnumerable<string> skus, CancellationToken cancellationToken)
    {
        var products = await catalog.GetFromJsonAsync<List<Product>>($"/products?skus={Uri.EscapeDataString(string.Join(',', skus))}", cancellationToken);
        return products!.ToDictionary(product => product.Sku, product => product.Price);
    }

    private sealed record Product(string Sku, decimal Price);
}
