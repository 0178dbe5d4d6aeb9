using System.Text.Json;
using Dapr;
using Eventide.Contracts;
using Eventide.Payment.Domain;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;
using Eventide.Shipping.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.Saga.Tests.Faults;

/// <summary>Puts <see cref="FaultBoard"/> between a service and its surroundings; the service itself is what runs in production.</summary>
internal static class Seams
{
    public static void AddSeams(this IServiceCollection services, FaultBoard board)
    {
        foreach (var handler in services.Where(service => service.ServiceType == typeof(HandlerRegistration)).ToList())
        {
            var inner = (HandlerRegistration)handler.ImplementationInstance!;
            var module = inner.Handler.Assembly.GetName().Name!["Eventide.".Length..].ToLowerInvariant();
            services.Remove(handler);
            services.AddSingleton(inner with
            {
                Invoke = (provider, data, token) => board.Of(data.GetProperty("orderId").GetString()!)
                    .PassAsync(Points.Handle(module, inner.Type), () => inner.Invoke(provider, data, token)),
            });
        }

        services.AddSingleton<IEventPublisher>(provider => new DisturbedPublisher(provider.GetRequiredService<EventPublisher>(), board));
        Decorate<IStateAccess>(services, inner => new DisturbedState(inner, board));
        Decorate<IPaymentProvider>(services, inner => new DisturbedProvider(inner, board));
        Decorate<ICarrier>(services, inner => new DisturbedCarrier(inner, board));
    }

    private static void Decorate<T>(IServiceCollection services, Func<T, T> decorate) where T : class
    {
        if (services.LastOrDefault(service => service.ServiceType == typeof(T)) is { ImplementationType: { } type } inner)
        {
            services.Remove(inner);
            services.AddSingleton(provider => decorate((T)ActivatorUtilities.CreateInstance(provider, type)));
        }
    }

    private sealed class DisturbedPublisher(EventPublisher inner, FaultBoard board) : IEventPublisher
    {
        public Task PublishAsync<TEvent>(TEvent message, CancellationToken cancellationToken, DateTimeOffset? occurredAt = null) where TEvent : IEvent
        {
            var order = (IOrderEvent)message;
            return board.Of(order.OrderId).PassAsync(Points.Publish(TEvent.Type), async () =>
            {
                board.RecordAttempt(order.OrderId, TEvent.Type);
                await inner.PublishAsync(message, cancellationToken, occurredAt);
                board.Record(order.OrderId, new RecordedEvent(
                    (order as IOrderFact) is { } fact ? OrderIds.Fact(fact.OrderId, fact.OrderVersion) : OrderIds.Event(order.OrderId, TEvent.Type),
                    TEvent.Type, TEvent.Topic, (order as IOrderFact)?.OrderVersion, JsonSerializer.Serialize(message),
                    () => inner.PublishAsync(message, CancellationToken.None, occurredAt)));
            });
        }
    }

    private sealed class DisturbedState(IStateAccess inner, FaultBoard board) : IStateAccess
    {
        public Task<Document<T>> ReadAsync<T>(string key, CancellationToken cancellationToken) where T : class => inner.ReadAsync<T>(key, cancellationToken);

        public Task<IReadOnlyDictionary<string, T>> ReadManyAsync<T>(IReadOnlyList<string> keys, CancellationToken cancellationToken) where T : class =>
            inner.ReadManyAsync<T>(keys, cancellationToken);

        public Task<bool> TryInsertAsync<T>(IReadOnlyList<KeyValuePair<string, T>> documents, TimeSpan? timeToLive, CancellationToken cancellationToken)
            where T : class => inner.TryInsertAsync(documents, timeToLive, cancellationToken);

        public Task<bool> TryDeleteAsync(string key, string etag, CancellationToken cancellationToken) => inner.TryDeleteAsync(key, etag, cancellationToken);

        public async Task<bool> TryWriteAsync<T>(string key, T value, string etag, TimeSpan? timeToLive, CancellationToken cancellationToken) where T : class
        {
            var (document, order) = key.Split('/') is [var first, var second, ..] ? (first, second) : (key, "");
            var written = false;
            await board.Of(order).PassAsync(Points.Write(document), async () => written = await inner.TryWriteAsync(key, value, etag, timeToLive, cancellationToken));
            return written;
        }
    }

    private sealed class DisturbedProvider(IPaymentProvider inner, FaultBoard board) : IPaymentProvider
    {
        public async Task<string?> CaptureAsync(string key, decimal amount, string paymentToken, CancellationToken cancellationToken)
        {
            string? declined = "the provider was not asked";
            await board.Of(OrderOf(key)).PassAsync(Points.Capture, async () => declined = await inner.CaptureAsync(key, amount, paymentToken, cancellationToken));
            return declined;
        }

        public async Task<decimal> VoidAsync(string key, CancellationToken cancellationToken)
        {
            var amount = 0m;
            await board.Of(OrderOf(key)).PassAsync(Points.Void, async () => amount = await inner.VoidAsync(key, cancellationToken));
            return amount;
        }

        public Task<PaymentStatement?> FindStatementAsync(string key, CancellationToken cancellationToken) => inner.FindStatementAsync(key, cancellationToken);
    }

    private sealed class DisturbedCarrier(ICarrier inner, FaultBoard board) : ICarrier
    {
        public async Task<(string? TrackingNumber, string? Refusal)> BookAsync(string key, string country, CancellationToken cancellationToken)
        {
            (string?, string?) answer = (null, "the carrier was not asked");
            await board.Of(OrderOf(key)).PassAsync(Points.Book, async () => answer = await inner.BookAsync(key, country, cancellationToken));
            return answer;
        }

        public Task CancelAsync(string key, CancellationToken cancellationToken) =>
            board.Of(OrderOf(key)).PassAsync(Points.CancelBooking, () => inner.CancelAsync(key, cancellationToken));
    }

    private static string OrderOf(string key) => key.Split('/')[0];
}
