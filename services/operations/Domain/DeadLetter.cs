using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Eventide.Operations.Domain;

/// <summary>What became of a dead letter.</summary>
internal enum DeadLetterState
{
    /// <summary>Somebody has to decide.</summary>
    Waiting,

    /// <summary>It is being published again.</summary>
    Redriving,

    /// <summary>It was published again, and has not come back.</summary>
    Redriven,

    /// <summary>It was given up, for a reason.</summary>
    Discarded,
}

/// <summary>Something that was done to a dead letter.</summary>
/// <param name="By">Who did it; "broker" for an arrival.</param>
/// <param name="TraceId">The trace in which it was done; null without tracing.</param>
internal sealed record DeadLetterAction(string What, DateTimeOffset At, string By, string? Reason, string? TraceId);

/// <summary>A message that an app could not handle. Its bytes are a document of their own, because lists do not need them.</summary>
/// <param name="Id">Always the same for the same app, topic, event and bytes.</param>
/// <param name="EventId">Empty when the bytes are no CloudEvent.</param>
/// <param name="Reason">Why the app could not handle it, as the app says; null when it has not said.</param>
/// <param name="Attempts">How often the app tried; null when it has not said.</param>
internal sealed record DeadLetter(
    string Id, string App, string Topic, string EventId, string Type, string? OrderId, string? TraceId, int Size, string Sha256,
    IReadOnlyDictionary<string, string> Headers, DateTimeOffset ReceivedAt, DeadLetterState State, string? Reason, int? Attempts, DateTimeOffset? FailedAt,
    IReadOnlyList<DeadLetterAction> History)
{
    public static string Key(string id) => $"operations/dead-letter/{id}";

    public static string PayloadKey(string id) => $"operations/dead-letter-payload/{id}";

    /// <summary>Reads what can be read of the bytes; whatever they are, there is a dead letter.</summary>
    public static DeadLetter Of(string app, string topic, byte[] payload, IReadOnlyDictionary<string, string> headers, DateTimeOffset now)
    {
        var (eventId, type, order, trace) = Describe(payload);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(payload));
        var id = "d-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{app}\n{topic}\n{eventId}\n{sha256}")))[..32];
        return new DeadLetter(
            id, app, topic, eventId, type, order, trace, payload.Length, sha256, headers, now, DeadLetterState.Waiting, null, null, null,
            [new DeadLetterAction("arrived", now, "broker", null, null)]);
    }

    /// <summary>It arrived: the same while it waits; again waiting when it had been dealt with, because nobody has handled this delivery.</summary>
    public DeadLetter Arrive(DateTimeOffset now) => State == DeadLetterState.Waiting
        ? this
        : this with { State = DeadLetterState.Waiting, Reason = null, Attempts = null, FailedAt = null } with { History = [.. History, new("came back", now, "broker", null, null)] };

    /// <summary>Begins to publish it again; the same unless it waits or was left half-way.</summary>
    public DeadLetter BeginRedrive(DeadLetterAction action) =>
        State == DeadLetterState.Waiting ? this with { State = DeadLetterState.Redriving, History = [.. History, action] } : this;

    /// <summary>It is published; the same when it has come back meanwhile.</summary>
    public DeadLetter EndRedrive() => State == DeadLetterState.Redriving ? this with { State = DeadLetterState.Redriven } : this;

    /// <summary>Gives it up; the same unless it waits.</summary>
    public DeadLetter Discard(DeadLetterAction action) =>
        State == DeadLetterState.Waiting ? this with { State = DeadLetterState.Discarded, History = [.. History, action] } : this;

    /// <summary>Whether it was redriven or discarded before that time, and nothing has happened to it since.</summary>
    public bool WasDealtWithBefore(DateTimeOffset limit) => State is DeadLetterState.Redriven or DeadLetterState.Discarded && History[^1].At < limit;

    /// <summary>The trace in which the message was published; null when it does not say.</summary>
    public static ActivityContext? TraceOf(byte[] payload)
    {
        try
        {
            using var json = JsonDocument.Parse(payload);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && ActivityContext.TryParse(Text(json.RootElement, "traceparent"), Text(json.RootElement, "tracestate"), isRemote: true, out var context)
                ? context
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static (string EventId, string Type, string? Order, string? Trace) Describe(byte[] payload)
    {
        try
        {
            using var json = JsonDocument.Parse(payload);
            var envelope = json.RootElement;
            return envelope.ValueKind == JsonValueKind.Object
                ? (Text(envelope, "id") ?? "", Text(envelope, "type") ?? "", Text(envelope, "subject") ?? Text(envelope, "partitionkey"),
                    Text(envelope, "traceparent")?.Split('-') is [_, var trace, ..] ? trace : null)
                : ("", "", null, null);
        }
        catch (JsonException)
        {
            return ("", "", null, null);
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>The bytes of a dead letter.</summary>
internal sealed record DeadLetterPayload(byte[] Bytes);
