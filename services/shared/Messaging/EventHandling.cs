using System.Text.Json;
using Eventide.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>Handles one type of event. It may be called again with the same event at any time, so its effect must be recognisable.</summary>
public interface IEventHandler<in TEvent> where TEvent : IEvent
{
    /// <summary>Returning acknowledges; throwing asks for redelivery.</summary>
    Task HandleAsync(TEvent message, CancellationToken cancellationToken);
}

/// <summary>That a handler exists, and how to call it with a payload.</summary>
/// <param name="Handler">The class, whose name stands for it where several handle one message.</param>
public sealed record HandlerRegistration(string Topic, string Type, Type Handler, Func<IServiceProvider, JsonElement, CancellationToken, Task> Invoke);

/// <summary>Reads every message of a topic, whatever its type. It may be called again with the same message at any time.</summary>
public interface ITopicObserver
{
    /// <summary>Returning acknowledges; throwing asks for redelivery.</summary>
    Task ObserveAsync(Delivery delivery, CancellationToken cancellationToken);
}

/// <summary>That an observer exists, and how to call it.</summary>
/// <param name="Observer">The class, whose name stands for it where several handle one message.</param>
/// <param name="IsRaw">It wants the bytes as they are, and they have no dead-letter topic: they are delivered until they are taken.</param>
public sealed record ObserverRegistration(string Topic, Type Observer, bool IsRaw, Func<IServiceProvider, Delivery, CancellationToken, Task> Invoke);

/// <summary>Registration of handlers; the host maps them.</summary>
public static class EventHandlingExtensions
{
    /// <summary>Payloads on the wire.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true };

    /// <summary>Registers <typeparamref name="THandler"/> for every <typeparamref name="TEvent"/>.</summary>
    public static IServiceCollection AddEventHandler<TEvent, THandler>(this IServiceCollection services)
        where TEvent : IEvent
        where THandler : class, IEventHandler<TEvent>
    {
        services.AddScoped<THandler>();
        return services.AddSingleton(new HandlerRegistration(
            TEvent.Topic, TEvent.Type, typeof(THandler), (provider, data, token) => provider.GetRequiredService<THandler>().HandleAsync(Read<TEvent>(data), token)));
    }

    /// <summary>Registers <typeparamref name="TObserver"/> for every message of a topic.</summary>
    public static IServiceCollection AddTopicObserver<TObserver>(this IServiceCollection services, string topic, bool raw = false)
        where TObserver : class, ITopicObserver
    {
        services.TryAddScoped<TObserver>();
        return services.AddSingleton(new ObserverRegistration(
            topic, typeof(TObserver), raw, (provider, delivery, token) => provider.GetRequiredService<TObserver>().ObserveAsync(delivery, token)));
    }

    /// <summary>The event that a payload says.</summary>
    /// <exception cref="JsonException">It says none.</exception>
    internal static TEvent Read<TEvent>(JsonElement data) where TEvent : IEvent =>
        (data.ValueKind == JsonValueKind.Undefined ? default : data.Deserialize<TEvent>(Json)) is { } message ? message : throw new JsonException("the event has no data");
}
