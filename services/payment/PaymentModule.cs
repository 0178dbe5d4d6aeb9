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
        .AddOptions<PaymentOptions>().Bind(configuration.GetSection("Payment")).Services
        .AddHealthChecks().AddCheck<ProviderKey>("provider key").Services
        .AddSingleton<ProviderKey>()
        .AddSingleton<IPaymentProvider, SimulatedPaymentProvider>()
        .AddEventHandler<PaymentRequested, CapturePayment>()
        .AddEventHandler<RefundRequested, RefundPayment>();

    public static WebApplication MapPayment(this WebApplication app)
    {
        app.MapGet("/payments/{orderId}", async (string orderId, DocumentStore store, IPaymentProvider provider, CancellationToken token) =>
            await store.GetAsync<PaymentRecord>(PaymentRecord.Key(orderId), token) is { } record
                ? Results.Ok(new PaymentView(
                    orderId, record.State, record.Amount, record.Reason, await provider.FindStatementAsync(PaymentRecord.ProviderKey(orderId), token)))
                : Results.NotFound());
        return app;
    }
}

/// <summary>Our record of a payment next to what the provider says; in the end both have to agree.</summary>
internal sealed record PaymentView(string OrderId, PaymentState State, decimal Amount, string? Reason, PaymentStatement? Provider);
