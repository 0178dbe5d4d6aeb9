namespace Eventide.Tools.DeadLetters;

/// <summary>A dead letter as operations shows it.</summary>
/// <param name="Reason">Why the app could not handle it; a sentence also when nobody knows.</param>
/// <param name="Attempts">How often the app tried; null when not known.</param>
internal record Letter(
    string Id, string App, string Topic, string EventId, string Type, string? OrderId, string? TraceId, DateTimeOffset ReceivedAt, string State, string Reason,
    int? Attempts, DateTimeOffset? FailedAt)
{
    public const string Waiting = "Waiting";
    public const string Redriving = "Redriving";
    public const string Redriven = "Redriven";
    public const string Discarded = "Discarded";

    /// <summary>How long an id is.</summary>
    public const int IdLength = 34;

    /// <summary>Enough of the id to tell it from the others on a screen.</summary>
    public string ShortId => Id.Length > 10 ? Id[..10] : Id;

    /// <summary>What it is about, in a few words.</summary>
    public string Subject => EventId.Length > 0 ? EventId : "no event";
}

/// <summary>All that operations knows of a dead letter.</summary>
/// <param name="Text">The payload when it is text; null otherwise.</param>
/// <param name="Base64">The payload, byte for byte.</param>
internal sealed record LetterDetails(
    string Id, string App, string Topic, string EventId, string Type, string? OrderId, string? TraceId, DateTimeOffset ReceivedAt, string State, string Reason,
    int? Attempts, DateTimeOffset? FailedAt, IReadOnlyList<LetterAction> History, IReadOnlyDictionary<string, string> Headers, string? Text, string Base64, string Sha256)
    : Letter(Id, App, Topic, EventId, Type, OrderId, TraceId, ReceivedAt, State, Reason, Attempts, FailedAt);

/// <summary>Something that was done to a dead letter.</summary>
internal sealed record LetterAction(string What, DateTimeOffset At, string By, string? Reason, string? TraceId);

/// <summary>Some of the dead letters.</summary>
/// <param name="Next">Where the next page begins; null when there is none.</param>
internal sealed record LetterPage(IReadOnlyList<Letter> DeadLetters, string? Next);
