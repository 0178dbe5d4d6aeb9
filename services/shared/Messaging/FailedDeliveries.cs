using System.Diagnostics;
using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.Logging;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>Why an event could not be handled, for the one who finds it among the dead letters.</summary>
/// <param name="Attempts">So many times it was tried and failed.</param>
/// <param name="TraceId">The trace of the last attempt; null without tracing.</param>
public sealed record FailedDelivery(string EventId, string Topic, string Type, int Attempts, string Reason, string? TraceId, DateTimeOffset FailedAt)
{
    public static string Key(string eventId) => $"failed/{eventId}";
}

/// <summary>
/// Notes each failed attempt in the service's own state, because a dead letter carries no reason: brokers and sidecars keep none. A note that cannot be written
/// is logged and otherwise forgotten. Thread-safe.
/// </summary>
public sealed partial class FailedDeliveries(DocumentStore store, TimeProvider time, ILogger<FailedDeliveries> log)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>Adds one failed attempt.</summary>
    public async Task NoteAsync(Delivery delivery, string reason, CancellationToken cancellationToken)
    {
        if (delivery.EventId.Length == 0)
        {
            return;
        }

        try
        {
            await store.UpdateAsync<FailedDelivery>(
                FailedDelivery.Key(delivery.EventId),
                current => new FailedDelivery(
                    delivery.EventId, delivery.Topic, delivery.Type, (current?.Attempts ?? 0) + 1, reason, Activity.Current?.TraceId.ToString(), time.GetUtcNow()),
                cancellationToken, Kept);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            NotNoted(failure, delivery.EventId);
        }
    }

    /// <summary>The note on an event, or null.</summary>
    public Task<FailedDelivery?> FindAsync(string eventId, CancellationToken cancellationToken) =>
        store.GetAsync<FailedDelivery>(FailedDelivery.Key(eventId), cancellationToken);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The failure of event {EventId} could not be noted; its dead letter will have no reason")]
    private partial void NotNoted(Exception failure, string eventId);
}
