using Dapr.Client;
using Eventide.Basket.Api;
using Eventide.Basket.Domain;
using Eventide.Basket.Messages;
using Eventide.Contracts;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Basket;

/// <summary>One cart per customer.</summary>
public static class BasketModule
{
    public static IServiceCollection AddBasket(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<BasketOptions>().Bind(configuration.GetSection("Basket"));
        return services
            .AddSingleton<Carts>()
            .AddSingleton(provider => new CatalogProducts(provider.GetRequiredService<DaprClient>().CreateInvokableHttpClient("catalog")))
            .AddEventHandler<OrderCreated, EmptyCart>();
    }

    public static WebApplication MapBasket(this WebApplication app)
    {
        app.MapCart();
        return app;
    }
}
