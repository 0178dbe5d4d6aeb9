using Dapr.Workflow;
using Eventide.Contracts;
using Eventide.Ordering.Api;
using Eventide.Ordering.Domain;
using Eventide.Ordering.Messages;
using Eventide.Ordering.Saga;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.Modules;
using Microsoft.Extensions.Options;

namespace Eventide.Ordering;

/// <summary>Orders and the saga that fulfils them.</summary>
public static class OrderingModule
{
    public static IServiceCollection AddOrdering(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SagaOptions>().Bind(configuration.GetSection("Saga")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SagaOptions>, SagaOptionsCheck>();
        services.AddSingleton<Orders>();
        services.AddSingleton<Sagas>();
        services.AddSingleton<SagaMessenger>();
        services.AddProductCatalog();
        services.AddHealthChecks().AddCheck("workflow worker", new WorkflowWorkerHealth(WorkflowWorkerHealth.SidecarClient(configuration)));
        services.AddDaprWorkflow(workflows =>
        {
            workflows.RegisterWorkflow<OrderSaga>();
            workflows.RegisterActivity<BeginOrder>();
            workflows.RegisterActivity<RepeatRequest>();
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
