using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Metrics;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>The pub/sub components of the app with what the runtime reads from their settings. Filled once at the start, then read by any thread.</summary>
internal sealed class PubSubComponents(ComponentRegistry<IPubSub> registry, SidecarHost host, SidecarOptions options, SidecarMetrics metrics)
{
    private readonly Dictionary<string, PubSubComponent> _components = new(StringComparer.Ordinal);

    /// <summary>Opens all of them.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await registry.OpenAsync("pubsub.", (component, token) => component.InitializeAsync(token), cancellationToken);
        foreach (var (opened, definition) in registry.All)
        {
            var component = metrics.IsEnabled ? new MeteredPubSub(opened, definition.Name, metrics) : opened;
            _components[definition.Name] = new PubSubComponent(
                host.Disorder is { } disorder ? new DisorderedPubSub(component, disorder) : component, new TopicScopes(definition.Metadata, options.AppId), definition.Metadata.Text("consumerID") ?? options.AppId);
        }
    }

    /// <summary>The component, or null.</summary>
    public PubSubComponent? Find(string name) => _components.GetValueOrDefault(name);

    /// <summary>Closes all of them.</summary>
    public async Task CloseAsync()
    {
        foreach (var (component, _) in registry.All)
        {
            await component.DisposeAsync();
        }
    }
}

/// <summary>One opened component.</summary>
/// <param name="Broker">The component itself.</param>
/// <param name="Scopes">The topics that the app may use.</param>
/// <param name="ConsumerId">The app's consumer group.</param>
internal sealed record PubSubComponent(IPubSub Broker, TopicScopes Scopes, string ConsumerId);
