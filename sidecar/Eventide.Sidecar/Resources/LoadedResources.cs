namespace Eventide.Sidecar.Resources;

/// <summary>What the resource folders hold for one app: scopes and namespaces already applied. Immutable.</summary>
internal sealed record LoadedResources(
    IReadOnlyList<ComponentResource> Components, IReadOnlyList<SubscriptionResource> Subscriptions, IReadOnlyList<ResiliencyResource> Resiliencies);

/// <summary>kind: Component, before secrets are resolved.</summary>
internal sealed record ComponentResource(
    string Name, string Type, string Version, string File, bool IgnoreErrors, TimeSpan InitTimeout, string? SecretStore,
    IReadOnlyList<MetadataItem> Metadata, IReadOnlyList<string> Scopes);

/// <summary>One entry of spec.metadata: a value, a reference to a secret, or a reference to the environment.</summary>
internal sealed record MetadataItem(string Name, string? Value, string? SecretName, string? SecretKey, string? EnvironmentVariable);

/// <summary>kind: Subscription, both API versions.</summary>
internal sealed record SubscriptionResource(
    string Name, string PubSub, string Topic, IReadOnlyList<RouteRule> Rules, string? DeadLetterTopic,
    IReadOnlyDictionary<string, string> Metadata, BulkSettings? Bulk);

/// <summary>A routing rule; an empty match always matches.</summary>
internal sealed record RouteRule(string Match, string Path);

/// <summary>Bulk delivery of a subscription.</summary>
/// <param name="MaxMessages">So many messages at most go to the app in one call.</param>
/// <param name="MaxAwait">The first message of a bulk waits for others no longer than this.</param>
internal sealed record BulkSettings(bool Enabled, int MaxMessages, TimeSpan MaxAwait)
{
    /// <summary>Dapr's default.</summary>
    public const int DefaultMaxMessages = 100;

    /// <summary>Dapr's default.</summary>
    public static readonly TimeSpan DefaultMaxAwait = TimeSpan.FromSeconds(1);
}

/// <summary>kind: Resiliency.</summary>
internal sealed record ResiliencyResource(string Name, YamlReader? Policies, YamlReader? Targets);
