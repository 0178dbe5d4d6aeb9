using Eventide.Catalog.Api;
using Eventide.Catalog.Domain;
using Eventide.Catalog.Messages;
using Eventide.Contracts;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.Modules;

namespace Eventide.Catalog;

/// <summary>Products, prices, and what is in stock as far as customers need to know.</summary>
public static class CatalogModule
{
    public static IServiceCollection AddCatalog(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<CatalogOptions>().Bind(configuration.GetSection("Catalog"));
        return services
            .AddSingleton<PageCache>()
            .AddSingleton<Products>()
            .HostProductCatalog<ProductCatalog>()
            .AddEventHandler<StockReserved, StockNews>()
            .AddEventHandler<StockRejected, StockNews>()
            .AddEventHandler<StockReleased, StockNews>();
    }

    public static WebApplication MapCatalog(this WebApplication app)
    {
        app.MapProducts();
        return app;
    }
}
