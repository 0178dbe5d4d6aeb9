using Eventide.Sidecar.Expressions;
using Eventide.Sidecar.Resources;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>What an app listens to, however it said so.</summary>
/// <param name="Routes">In the order in which they are tried.</param>
/// <param name="DeadLetterTopic">Where messages go that the app does not take; null leaves them to the broker.</param>
/// <param name="Bulk">How many messages the app takes in one call; null for one at a time.</param>
/// <param name="Kind">PROGRAMMATIC, DECLARATIVE or STREAMING, as the metadata API says it.</param>
internal sealed record TopicSubscription(
    string PubSub, string Topic, IReadOnlyList<Route> Routes, string? DeadLetterTopic, IReadOnlyDictionary<string, string> Metadata, BulkSettings? Bulk,
    string Kind)
{
    public const string Programmatic = "PROGRAMMATIC";
    public const string Declarative = "DECLARATIVE";
    public const string Streaming = "STREAMING";

    /// <summary>Whether messages are passed on as bytes in a generated envelope.</summary>
    public bool HasRawPayload { get; } = RawPayload.IsAsked(Metadata) == true;
}

/// <summary>Where a matching message goes; a null match always matches.</summary>
internal sealed record Route(CelExpression? Match, string Path);
