using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>
/// Runs every handler of a message and says what becomes of it. When several modules share a process they share the delivery: any failure asks for redelivery, and
/// those that were done recognise it. Thread-safe.
/// </summary>
public sealed partial class EventDispatcher(
    IEnumerable<HandlerRegistration> registrations, IEnumerable<ObserverRegistration> observers, IServiceProvider services, FailedDeliveries failures,
    TimeProvider time, ILogger<EventDispatcher> log)
{
    internal static readonly ActivitySource Source = new("Eventide.Messaging");
    private static readonly Meter Meter = new("Eventide.Messaging");
    private static readonly Counter<long> Deliveries = Meter.CreateCounter<long>("eventide.deliveries", "{delivery}", "Messages delivered to this service, by what became of them.");

    // The age at which a message is delivered is what a backlog costs. Buckets from "at once" to half an hour, by which a request has long been repeated.
    private static readonly Histogram<double> Age = Meter.CreateHistogram(
        "eventide.delivery.age", "s", "Time from a message's publishing to its delivery to this service.", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1800] });

    private readonly ILookup<(string Topic, string Type), HandlerRegistration> _handlers = registrations.ToLookup(r => (r.Topic, r.Type));
    private readonly ILookup<string, ObserverRegistration> _observers = observers.ToLookup(o => o.Topic);

    /// <summary>The event types that are handled here, by topic.</summary>
    public IReadOnlyList<(string Topic, IReadOnlyList<string> Types)> Subscriptions { get; } =
        [.. registrations.GroupBy(r => r.Topic).Select(topic => (topic.Key, (IReadOnlyList<string>)[.. topic.Select(r => r.Type).Distinct()]))];

    /// <summary>The topics that are read whole, whatever the types on them, and whether as bytes.</summary>
    public IReadOnlyList<(string Topic, bool IsRaw)> ObservedTopics { get; } = [.. observers.Select(o => (o.Topic, o.IsRaw)).Distinct()];

    /// <summary>Handles one message. A type that nobody here handles is a success, and counted. Never throws, except when cancelled.</summary>
    /// <param name="trace">The trace that the delivery belongs to, where it is not that of the current call.</param>
    public async Task<DeliveryStatus> DispatchAsync(Delivery delivery, CancellationToken cancellationToken, ActivityContext trace = default)
    {
        using var activity = Source.StartActivity($"process {delivery.Topic}", ActivityKind.Consumer, trace);
        activity?.SetTag("messaging.system", "dapr").SetTag("messaging.operation.type", "process").SetTag("messaging.destination.name", delivery.Topic)
            .SetTag("messaging.message.id", delivery.EventId);
        MessageInHand.EventId = delivery.EventId;
        if (delivery.PublishedAt is { } publishedAt)
        {
            // Another machine's clock may be ahead.
            Age.Record(Math.Max(0, (time.GetUtcNow() - publishedAt).TotalSeconds), new KeyValuePair<string, object?>("messaging.destination.name", delivery.Topic));
        }

        var status = await RunAsync(delivery, cancellationToken);
        if (status != DeliveryStatus.Success)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
        }

        return status;
    }

    private async Task<DeliveryStatus> RunAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (!_handlers.Contains((delivery.Topic, delivery.Type)) && !_observers.Contains(delivery.Topic))
        {
            Count(delivery, "unhandled");
            return DeliveryStatus.Success;
        }

        try
        {
            foreach (var registration in _handlers[(delivery.Topic, delivery.Type)])
            {
                await using var scope = services.CreateAsyncScope();
                await registration.Invoke(scope.ServiceProvider, delivery.Data, cancellationToken);
            }

            foreach (var observer in _observers[delivery.Topic])
            {
                await using var scope = services.CreateAsyncScope();
                await observer.Invoke(scope.ServiceProvider, delivery, cancellationToken);
            }

            Count(delivery, "success");
            return DeliveryStatus.Success;
        }
        catch (Exception failure) when (failure is JsonException or UnprocessableMessageException)
        {
            Unprocessable(failure, delivery.EventId, delivery.Type);
            await failures.NoteAsync(delivery, failure.Message, cancellationToken);
            Count(delivery, "drop");
            return DeliveryStatus.Drop;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            Failed(failure, delivery.EventId, delivery.Type);
            await failures.NoteAsync(delivery, failure.Message, cancellationToken);
            Count(delivery, "retry");
            return DeliveryStatus.Retry;
        }
    }

    private static void Count(Delivery delivery, string outcome) =>
        Deliveries.Add(1, new("messaging.destination.name", delivery.Topic), new("eventide.outcome", outcome));

    [LoggerMessage(Level = LogLevel.Error, Message = "Event {EventId} of type {Type} can never be handled; it goes to the dead letters")]
    private partial void Unprocessable(Exception failure, string eventId, string type);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Event {EventId} of type {Type} could not be handled; it is delivered again")]
    private partial void Failed(Exception failure, string eventId, string type);
}
