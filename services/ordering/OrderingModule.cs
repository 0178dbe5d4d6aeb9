using Dapr.Client;
using Dapr.Workflow;
using Eventide.Contracts;
using Eventide.Ordering.Api;
using Eventide.Ordering.Domain;
using Eventide.Ordering.Messages;
using Eventide.Ordering.Saga;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Ordering;

/// <summary>Orders and the saga that fulfils them.</summary>
public static class OrderingModule
{
    public static IServiceCollection AddOrdering(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SagaOptions>().Bind(configuration.GetSection("Saga"));
        services.AddSingleton<Orders>();
        services.AddSingleton(_ => new CatalogPrices(DaprClient.CreateInvokeHttpClient("catalog")));
        services.AddDaprWorkflow(workflows =>
        {
            workflows.RegisterWorkflow<OrderSaga>();
            workflows.RegisterActivity<BeginOrder>();
            workflows.RegisterActivity<SendRequest>();
            workflows.RegisterActivity<Advance>();
        });
        return services
            .AddEventHandler<StockReserved, StockReply>()
            .AddEventHandler<StockRejected, StockReply>()
            .AddEventHandler<StockSold, StockReply>()
            .AddEventHandler<StockReleased, StockReply>()
            .AddEventHandler<PaymentCaptured, PaymentReply>()
            .AddEventHandler<PaymentDeclined, PaymentReply>()
            .AddEventHandler<PaymentRefunded, PaymentReply>()
            .AddEventHandler<ShipmentBooked, ShipmentReply>()
            .AddEventHandler<ShipmentRejected, ShipmentReply>()
            .AddEventHandler<ShipmentCancelled, ShipmentReply>()
            .AddScoped<ReplyRouter>();
    }

    public static WebApplication MapOrdering(this WebApplication app)
    {
        app.MapOrders();
        return app;
    }
}
