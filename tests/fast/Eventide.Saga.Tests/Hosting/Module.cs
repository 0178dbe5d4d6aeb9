using Eventide.Catalog;
using Eventide.Inventory;
using Eventide.Ordering;
using Eventide.Payment;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.SignIn;
using Eventide.Shipping;
using Microsoft.AspNetCore.Builder;

namespace Eventide.Saga.Tests.Hosting;

/// <summary>A service, wired as its Program.cs does. All take their messages over HTTP here; the transport is the host's choice.</summary>
internal sealed record Module(string App, Action<WebApplicationBuilder> Add, Action<WebApplication> Map)
{
    public static readonly Module Ordering = new(
        "ordering", builder => builder.AddCustomerSignIn().Services.AddOrdering(builder.Configuration), app => app.MapOrdering());

    public static IReadOnlyList<Module> All { get; } =
    [
        new("catalog", builder => builder.Services.AddCatalog(builder.Configuration), app => app.MapCatalog()),
        new("inventory", builder => builder.Services.AddInventory(builder.Configuration), _ => { }),
        new("payment", builder => builder.Services.AddPayment(builder.Configuration), app => app.MapPayment()),
        new("shipping", builder => builder.Services.AddShipping(builder.Configuration), app => app.MapShipping()),
        Ordering,
    ];

    /// <summary>The whole service, ready to start.</summary>
    public WebApplication Build(WebApplicationBuilder builder, Action<WebApplicationBuilder>? change = null)
    {
        builder.AddServiceDefaults(App);
        Add(builder);
        change?.Invoke(builder);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapHttpSubscriptions();
        Map(app);
        return app;
    }
}
