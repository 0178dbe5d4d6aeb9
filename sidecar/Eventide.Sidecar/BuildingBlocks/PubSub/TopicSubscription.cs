using Eventide.Sidecar.Expressions;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>What an app listens to, however it said so.</summary>
internal sealed record TopicSubscription(
    string PubSub, string Topic, IReadOnlyList<Route> Routes, string? DeadLetterTopic, IReadOnlyDictionary<string, string> Metadata, bool Programmatic)
{
    /// <summary>Whether messages are passed on as bytes in a generated envelope.</summary>
    public bool RawPayload => Metadata.TryGetValue("rawPayload", out var raw) && raw is "true" or "1";
}

/// <summary>Where a matching message goes; a null match always matches.</summary>
internal sealed record Route(CelExpression? Match, string Path);
