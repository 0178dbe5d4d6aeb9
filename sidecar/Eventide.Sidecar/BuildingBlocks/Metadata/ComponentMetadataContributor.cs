using System.Text.Json.Nodes;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Components.Secrets;
using Eventide.Sidecar.Components.State;

namespace Eventide.Sidecar.BuildingBlocks.Metadata;

/// <summary>The key <c>components</c>.</summary>
internal sealed class ComponentMetadataContributor(ComponentRegistry<IStateStore> stores, ComponentRegistry<IPubSub> pubsubs, ComponentRegistry<ISecretStore> secrets)
    : IMetadataContributor
{
    /// <inheritdoc/>
    public void Describe(JsonObject metadata)
    {
        var list = new JsonArray();
        foreach (var (store, definition) in stores.All)
        {
            list.Add(Entry(definition, Capabilities(store.Capabilities)));
        }

        foreach (var (_, definition) in pubsubs.All)
        {
            list.Add(Entry(definition, []));
        }

        foreach (var (_, definition) in secrets.All)
        {
            list.Add(Entry(definition, []));
        }

        metadata["components"] = list;
    }

    private static JsonNode Entry(ComponentDefinition definition, IEnumerable<string> capabilities) => new JsonObject
    {
        ["name"] = definition.Name,
        ["type"] = definition.Type,
        ["version"] = definition.Version,
        ["capabilities"] = new JsonArray([.. capabilities.Select(c => (JsonNode?)c)]),
    };

    private static IEnumerable<string> Capabilities(StateCapabilities set)
    {
        (StateCapabilities Flag, string Name)[] names =
        [
            (StateCapabilities.ETag, "ETAG"), (StateCapabilities.Transactional, "TRANSACTIONAL"), (StateCapabilities.Ttl, "TTL"),
            (StateCapabilities.KeysLike, "KEYS_LIKE"), (StateCapabilities.DeleteWithPrefix, "DELETE_WITH_PREFIX"), (StateCapabilities.Actor, "ACTOR"),
        ];
        return names.Where(pair => set.HasFlag(pair.Flag)).Select(pair => pair.Name);
    }
}
