using Eventide.Sidecar.Components;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>Which topics an app may publish to and subscribe to, from the component's settings (Dapr: pkg/runtime/pubsub/adapter.go).</summary>
internal sealed class TopicScopes(ComponentMetadata metadata, string appId)
{
    private readonly HashSet<string> _allowed = List(metadata.Text("allowedTopics"));
    private readonly HashSet<string> _protected = List(metadata.Text("protectedTopics"));
    private readonly HashSet<string>? _publishing = Scoped(metadata.Text("publishingScopes"), appId);
    private readonly HashSet<string>? _subscribing = Scoped(metadata.Text("subscriptionScopes"), appId);

    public bool MayPublish(string topic) => May(topic, _publishing);

    public bool MaySubscribe(string topic) => May(topic, _subscribing);

    private bool May(string topic, HashSet<string>? scoped) =>
        (_allowed.Count == 0 || _allowed.Contains(topic))
        && ((!_protected.Contains(topic) && scoped is null) || scoped?.Contains(topic) == true);

    private static HashSet<string> List(string? text) =>
        [.. (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private static HashSet<string>? Scoped(string? text, string appId)
    {
        foreach (var entry in (text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = entry.Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts[0] == appId)
            {
                return List(parts.Length > 1 ? parts[1] : "");
            }
        }

        return null;
    }
}
