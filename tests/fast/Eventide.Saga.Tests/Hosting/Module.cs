using Eventide.Basket;
using Eventide.Catalog;
using Eventide.Contracts;
using Eventide.Inventory;
using Eventide.Monolith;
using Eventide.Ordering;
using Eventide.Payment;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.SignIn;
using Eventide.Shipping;
using Eventide.Sidecar;
using Microsoft.AspNetCore.Builder;

namespace Eventide.Saga.Tests.Hosting;

/// <summary>A service, or all in one process, wired as its Program.cs does.</summary>
/// <param name="Protocol">How its sidecar speaks to it.</param>
internal sealed record Module(string App, AppProtocol Protocol, Action<WebApplicationBuilder> Add, Action<WebApplication> Map)
{
    /// <summary>The services that an order needs.</summary>
    public static IReadOnlyList<Module> All { get; } =
    [
        new("catalog", AppProtocol.Http, builder => builder.Services.AddCatalog(builder.Configuration), app => app.MapCatalog()),
        new("inventory", AppProtocol.Grpc, builder => builder.Services.AddInventory(builder.Configuration), app => app.MapInventory()),
        new("payment", AppProtocol.Http, builder => builder.Services.AddPayment(builder.Configuration), app => app.MapPayment()),
        new("shipping", AppProtocol.Http, builder => builder.Services.AddShipping(builder.Configuration), app => app.MapShipping()),
        new("ordering", AppProtocol.Http, builder => builder.AddBearerSignIn().Services.AddOrdering(builder.Configuration), app => app.MapOrdering()),
    ];

    /// <summary>Reads orders, but no order needs it.</summary>
    public static readonly Module Basket = new(
        "basket", AppProtocol.Http, builder => builder.AddBearerSignIn().Services.AddBasket(builder.Configuration), app => app.MapBasket());

    /// <summary>All modules in one process.</summary>
    public static readonly Module Monolith = new(
        ShopShape.MonolithId, AppProtocol.Http, builder => builder.AddBearerSignIn().Services.AddMonolith(builder.Configuration), app => app.MapMonolith());

    /// <summary>The apps of a shop of that shape.</summary>
    public static IReadOnlyList<Module> Of(ShopShape shape) => shape == ShopShape.Monolith ? [Monolith] : All;

    /// <summary>The whole service, ready to start.</summary>
    public WebApplication Build(WebApplicationBuilder builder, Action<WebApplicationBuilder>? change = null)
    {
        builder.AddServiceDefaults(App);
        if (Protocol == AppProtocol.Grpc)
        {
            builder.AddGrpcSubscriptions();
        }

        Add(builder);
        change?.Invoke(builder);
        var app = builder.Build();
        app.MapServiceDefaults();
        if (Protocol == AppProtocol.Grpc)
        {
            app.MapGrpcSubscriptions();
        }
        else
        {
            app.MapHttpSubscriptions();
        }

        Map(app);
        return app;
    }

    public override string ToString() => App;
}
