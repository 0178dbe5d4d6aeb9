using Eventide.Basket;
using Eventide.Catalog;
using Eventide.Contracts;
using Eventide.Fleet;
using Eventide.Inventory;
using Eventide.Operations;
using Eventide.Ordering;
using Eventide.Payment;
using Eventide.Shipping;
using Eventide.Telemetry;

namespace Eventide.Monolith;

/// <summary>
/// The modules of every .NET service in one process: what <see cref="ShopShape.Monolith"/> says. They share a store, where each has keys of its own, one subscription
/// per topic, and the deliveries on it; the catalog is asked in process.
/// </summary>
public static class MonolithModule
{
    public static IServiceCollection AddMonolith(this IServiceCollection services, IConfiguration configuration) => services
        .AddCatalog(configuration)
        .AddBasket(configuration)
        .AddOrdering(configuration)
        .AddInventory(configuration)
        .AddPayment(configuration)
        .AddShipping(configuration)
        .AddOperations(configuration, ShopShape.Monolith)
        .AddTelemetry(configuration)
        .AddFleet(configuration);

    public static WebApplication MapMonolith(this WebApplication app) => app
        .MapCatalog()
        .MapBasket()
        .MapOrdering()
        .MapInventoryOverHttp()
        .MapPayment()
        .MapShipping()
        .MapOperations()
        .MapTelemetry()
        .MapFleet();
}
