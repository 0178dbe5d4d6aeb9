using System.Runtime.ExceptionServices;
using System.Text.Json;
using Eventide.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>
/// Handles one type of event on a topic that is worth bringing in bulks, so that many events share one read and one write of the store. It may be called again with
/// the same events at any time, in other company.
/// </summary>
public interface IBulkEventHandler<in TEvent> where TEvent : IEvent
{
    /// <summary>
    /// Answers for each event, in their order: null acknowledges it, an exception is what a handler of this event alone would have thrown. Throwing asks for redelivery of
    /// all of them.
    /// </summary>
    Task<IReadOnlyList<Exception?>> HandleAsync(IReadOnlyList<TEvent> messages, CancellationToken cancellationToken);
}

/// <summary>That a topic comes in bulks, of so many events at most, and how to call the handler with the payloads of one.</summary>
public sealed record BulkRegistration(
    string Topic, string Type, int Largest, Func<IServiceProvider, IReadOnlyList<JsonElement>, CancellationToken, Task<IReadOnlyList<Exception?>>> Invoke);

/// <summary>Registration of handlers of bulks; the host maps them.</summary>
public static class BulkEventHandlingExtensions
{
    /// <summary>Registers <typeparamref name="THandler"/> for every <typeparamref name="TEvent"/>, however many of them come at once.</summary>
    /// <param name="largest">Events of one bulk; more than the workers of the broker's component would wait out their time for nothing.</param>
    public static IServiceCollection AddBulkEventHandler<TEvent, THandler>(this IServiceCollection services, int largest)
        where TEvent : IEvent
        where THandler : class, IBulkEventHandler<TEvent>
    {
        services.AddScoped<THandler>();
        services.AddSingleton(new BulkRegistration(TEvent.Topic, TEvent.Type, largest, HandleAsync<TEvent, THandler>));
        return services.AddSingleton(new HandlerRegistration(TEvent.Topic, TEvent.Type, typeof(THandler), async (provider, data, token) =>
        {
            if ((await HandleAsync<TEvent, THandler>(provider, [data], token))[0] is { } failure)
            {
                ExceptionDispatchInfo.Throw(failure);
            }
        }));
    }

    private static async Task<IReadOnlyList<Exception?>> HandleAsync<TEvent, THandler>(
        IServiceProvider provider, IReadOnlyList<JsonElement> payloads, CancellationToken cancellationToken)
        where TEvent : IEvent
        where THandler : class, IBulkEventHandler<TEvent>
    {
        var failures = new Exception?[payloads.Count];
        var (messages, places) = (new List<TEvent>(payloads.Count), new List<int>(payloads.Count));
        for (var place = 0; place < payloads.Count; place++)
        {
            try
            {
                messages.Add(EventHandlingExtensions.Read<TEvent>(payloads[place]));
                places.Add(place);
            }
            catch (JsonException failure)
            {
                failures[place] = failure;
            }
        }

        if (messages.Count > 0)
        {
            foreach (var (place, failure) in places.Zip(await provider.GetRequiredService<THandler>().HandleAsync(messages, cancellationToken)))
            {
                failures[place] = failure;
            }
        }

        return failures;
    }
}
