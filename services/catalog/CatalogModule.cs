using Eventide.Catalog.Api;
using Eventide.Contracts;

namespace Eventide.Catalog;

/// <summary>Products and prices.</summary>
public static class CatalogModule
{
    public static IServiceCollection AddCatalog(this IServiceCollection services, IConfiguration configuration) =>
        services.AddSingleton<IReadOnlyList<ProductSeed>>(ProductSeed.Load());

    public static WebApplication MapCatalog(this WebApplication app)
    {
        app.MapProducts();
        return app;
    }
}
