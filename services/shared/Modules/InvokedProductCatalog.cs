using System.Net.Http.Json;
using System.Text.Json;
using Dapr.Client;
using Eventide.ServiceDefaults.Problems;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Eventide.ServiceDefaults.Modules;

/// <summary>The catalog as an app of its own, called through the sidecar. Thread-safe.</summary>
internal sealed class InvokedProductCatalog(HttpClient catalog) : IProductCatalog
{
    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, CatalogProduct>> FindAsync(IReadOnlyCollection<string> skus, CancellationToken cancellationToken)
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

/// <summary>Registration of the ways to other modules.</summary>
public static class ModuleCalls
{
    // Somebody is waiting for the answer.
    private static readonly TimeSpan CatalogPatience = TimeSpan.FromSeconds(3);

    /// <summary>Calls the catalog through the sidecar, unless the same host has it.</summary>
    public static IServiceCollection AddProductCatalog(this IServiceCollection services)
    {
        services.TryAddSingleton<IProductCatalog>(provider =>
        {
            var catalog = provider.GetRequiredService<DaprClient>().CreateInvokableHttpClient("catalog");
            catalog.Timeout = CatalogPatience;
            return new InvokedProductCatalog(catalog);
        });
        return services;
    }

    /// <summary>Answers for the catalog in this process, whichever module was added first.</summary>
    public static IServiceCollection HostProductCatalog<TCatalog>(this IServiceCollection services) where TCatalog : class, IProductCatalog =>
        services.Replace(ServiceDescriptor.Singleton<IProductCatalog, TCatalog>());
}
