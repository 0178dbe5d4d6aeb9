using System.Diagnostics;
using Dapr.Client;
using Eventide.Contracts;

namespace Eventide.Operations.Domain;

/// <summary>
/// Publishes dead letters again: the same bytes, hence the same event id, to the topic from which they came. Everybody who listens there gets them once more, which
/// changes nothing for those who had handled them. Thread-safe.
/// </summary>
internal sealed partial class Redrive(DeadLetters letters, DaprClient dapr, ILogger<Redrive> log)
{
    private static readonly ActivitySource Source = new("Eventide.Operations");

    /// <summary>
    /// Redrives one; one that does not wait is left as it is. Interrupted half-way it stays Redriving, and the next call publishes it again.
    /// </summary>
    /// <exception cref="Dapr.DaprException">The broker did not take it; it can be redriven again.</exception>
    public async Task<DeadLetter> RunAsync(string id, string by, CancellationToken cancellationToken)
    {
        using var activity = Source.StartActivity("redrive dead letter", ActivityKind.Producer);
        var letter = await letters.ChangeAsync(id, current => current.BeginRedrive(letters.Action("redriven", by, null)), cancellationToken);
        if (letter.State != DeadLetterState.Redriving)
        {
            return letter;
        }

        activity?.SetTag("messaging.system", "dapr").SetTag("messaging.destination.name", letter.Topic).SetTag("messaging.message.id", letter.EventId)
            .SetTag("eventide.dead_letter.id", id);
        var payload = await letters.PayloadAsync(id, cancellationToken);
        if (DeadLetter.TraceOf(payload) is { } published)
        {
            // A link, not the parent: this is an operator's doing, days later. What the message causes goes on in its own trace.
            activity?.AddLink(new ActivityLink(published));
        }

        // Raw, so that the sidecar adds nothing: it is a whole CloudEvent already, or no CloudEvent at all.
        var metadata = new Dictionary<string, string> { ["rawPayload"] = "true" };
        if (letter.OrderId is { } order)
        {
            metadata["partitionKey"] = order;
        }

        await dapr.PublishByteEventAsync(Topics.PubSub, letter.Topic, payload, "application/cloudevents+json", metadata, cancellationToken);
        Redriven(id, letter.EventId, letter.Topic, by);
        return await letters.ChangeAsync(id, current => current.EndRedrive(), cancellationToken);
    }

    /// <summary>Redrives every waiting dead letter that matches; returns how many.</summary>
    public async Task<int> RunAllAsync(DeadLetterFilter filter, string by, CancellationToken cancellationToken)
    {
        // The list first: what comes back while this runs is not tried again.
        var waiting = new List<string>();
        await foreach (var letter in letters.ReadAsync(filter, before: null, cancellationToken))
        {
            if (letter.State is DeadLetterState.Waiting or DeadLetterState.Redriving)
            {
                waiting.Add(letter.Id);
            }
        }

        foreach (var id in waiting)
        {
            await RunAsync(id, by, cancellationToken);
        }

        return waiting.Count;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Dead letter {Id} (event {EventId}) was published to {Topic} again by {By}")]
    private partial void Redriven(string id, string eventId, string topic, string by);
}
