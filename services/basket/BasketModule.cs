using Eventide.Basket.Api;
using Eventide.Basket.Domain;
using Eventide.Basket.Messages;
using Eventide.Contracts;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.Modules;

namespace Eventide.Basket;

/// <summary>One cart per customer.</summary>
public static class BasketModule
{
    public static IServiceCollection AddBasket(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<BasketOptions>().Bind(configuration.GetSection("Basket"));
        return services
            .AddSingleton<Carts>()
            .AddProductCatalog()
            .AddEventHandler<OrderCreated, EmptyCart>();
    }

    public static WebApplication MapBasket(this WebApplication app)
    {
        app.MapCart();
        return app;
    }
}
