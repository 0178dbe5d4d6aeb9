using Eventide.Contracts;
using Eventide.Payment.Domain;
using Eventide.Payment.Messages;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;

namespace Eventide.Payment;

/// <summary>One payment per order.</summary>
public static class PaymentModule
{
    public static IServiceCollection AddPayment(this IServiceCollection services, IConfiguration configuration) => services
        .AddSingleton<IPaymentProvider, SimulatedPaymentProvider>()
        .AddEventHandler<PaymentRequested, CapturePayment>()
        .AddEventHandler<RefundRequested, RefundPayment>();

    public static WebApplication MapPayment(this WebApplication app)
    {
        app.MapGet("/payments/{orderId}", async (string orderId, DocumentStore store, CancellationToken token) =>
            await store.GetAsync<PaymentRecord>(PaymentRecord.Key(orderId), token) is { } record ? Results.Ok(record) : Results.NotFound());
        return app;
    }
}
