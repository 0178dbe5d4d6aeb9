using Eventide.Contracts;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;
using Eventide.Shipping.Domain;
using Eventide.Shipping.Messages;

namespace Eventide.Shipping;

/// <summary>One shipment per order.</summary>
public static class ShippingModule
{
    public static IServiceCollection AddShipping(this IServiceCollection services, IConfiguration configuration) => services
        .AddOptions<ShippingOptions>().Bind(configuration.GetSection("Shipping")).Services
        .AddSingleton<ICarrier, SimulatedCarrier>()
        .AddEventHandler<ShipmentRequested, BookShipment>()
        .AddEventHandler<ShipmentCancelRequested, CancelShipment>();

    public static WebApplication MapShipping(this WebApplication app)
    {
        app.MapGet("/shipments/{orderId}", async (string orderId, DocumentStore store, CancellationToken token) =>
            await store.GetAsync<ShipmentRecord>(ShipmentRecord.Key(orderId), token) is { } record ? Results.Ok(record) : Results.NotFound());
        return app;
    }
}
