using Eventide.Contracts;
using Eventide.Inventory.Api;
using Eventide.Inventory.Domain;
using Eventide.Inventory.Messages;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Inventory;

/// <summary>Stock per SKU, and one reservation per order.</summary>
public static class InventoryModule
{
    public static IServiceCollection AddInventory(this IServiceCollection services, IConfiguration configuration) => services
        .AddSingleton(new InitialStock(ProductSeed.Load().ToDictionary(product => product.Sku, product => product.Stock)))
        .AddSingleton<StockLevels>()
        .AddEventHandler<OrderCreated, ReserveStock>()
        .AddEventHandler<StockSaleRequested, SellStock>()
        .AddEventHandler<StockReleaseRequested, ReleaseStock>();

    /// <summary>Answers by gRPC, for a host whose sidecar speaks gRPC to it.</summary>
    public static WebApplication MapInventory(this WebApplication app)
    {
        app.MapGrpcService<StockService>();
        return app;
    }

    /// <summary>The same answers by HTTP, for a host whose sidecar speaks HTTP to it: it could not be asked by gRPC.</summary>
    public static WebApplication MapInventoryOverHttp(this WebApplication app)
    {
        app.MapStock();
        return app;
    }
}
