using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>
/// Runs every handler of a message and says what becomes of it. When several modules share a process they share the delivery: each is run whatever becomes of the
/// others, any failure asks for redelivery, and those that were done recognise it. Thread-safe.
/// </summary>
public sealed partial class EventDispatcher(
    IEnumerable<HandlerRegistration> registrations, IEnumerable<BulkRegistration> bulks, IEnumerable<ObserverRegistration> observers, IServiceProvider services,
    FailedDeliveries failures, TimeProvider time, ILogger<EventDispatcher> log)
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
        RecordAge(delivery);
        var status = await RunAsync(delivery, cancellationToken);
        if (status != DeliveryStatus.Success)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
        }

        return status;
    }

    private async Task<DeliveryStatus> RunAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var runs = new List<Task<HandlerFailure?>>(1);
        foreach (var handler in _handlers[(delivery.Topic, delivery.Type)])
        {
            runs.Add(RunAsync(handler.Handler, provider => handler.Invoke(provider, delivery.Data, cancellationToken), cancellationToken));
        }

        foreach (var observer in _observers[delivery.Topic])
        {
            runs.Add(RunAsync(observer.Observer, provider => observer.Invoke(provider, delivery, cancellationToken), cancellationToken));
        }

        if (runs.Count == 0)
        {
            Count(delivery, "unhandled");
            return DeliveryStatus.Success;
        }

        return await ConcludeAsync(delivery, [.. (await Task.WhenAll(runs)).OfType<HandlerFailure>()], runs.Count, cancellationToken);
    }

    private async ValueTask<DeliveryStatus> ConcludeAsync(Delivery delivery, IReadOnlyList<HandlerFailure> failed, int handlers, CancellationToken cancellationToken)
    {
        if (failed.Count == 0)
        {
            Count(delivery, "success");
            return DeliveryStatus.Success;
        }

        // Dropped only when nobody could do better with another delivery.
        var isLost = failed.All(failure => failure.IsFinal);
        foreach (var failure in failed)
        {
            if (isLost)
            {
                Unprocessable(failure.Cause, delivery.EventId, delivery.Type, failure.Handler);
            }
            else
            {
                Failed(failure.Cause, delivery.EventId, delivery.Type, failure.Handler);
            }
        }

        var reason = handlers == 1 ? failed[0].Cause.Message : string.Join("; ", failed.Select(failure => $"{failure.Handler}: {failure.Cause.Message}"));
        await failures.NoteAsync(delivery, reason, cancellationToken);
        Count(delivery, isLost ? "drop" : "retry");
        return isLost ? DeliveryStatus.Drop : DeliveryStatus.Retry;
    }

    private async Task<HandlerFailure?> RunAsync(Type handler, Func<IServiceProvider, Task> run, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = services.CreateAsyncScope();
            await run(scope.ServiceProvider);
            return null;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return new HandlerFailure(handler.Name, failure);
        }
    }

    private void RecordAge(Delivery delivery)
    {
        if (delivery.PublishedAt is { } publishedAt)
        {
            // Another machine's clock may be ahead.
            Age.Record(Math.Max(0, (time.GetUtcNow() - publishedAt).TotalSeconds), new KeyValuePair<string, object?>("messaging.destination.name", delivery.Topic));
        }
    }

    private static void Count(Delivery delivery, string outcome) =>
        Deliveries.Add(1, new("messaging.destination.name", delivery.Topic), new("eventide.outcome", outcome));

    [LoggerMessage(Level = LogLevel.Error, Message = "Event {EventId} of type {Type} can never be handled by {Handler}; it goes to the dead letters")]
    private partial void Unprocessable(Exception failure, string eventId, string type, string handler);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Event {EventId} of type {Type} could not be handled by {Handler}; it is delivered again")]
    private partial void Failed(Exception failure, string eventId, string type, string handler);

    private sealed record HandlerFailure(string Handler, Exception Cause)
    {
        /// <summary>No repetition makes it right.</summary>
        public bool IsFinal => Cause is JsonException or UnprocessableMessageException;
    }
}
