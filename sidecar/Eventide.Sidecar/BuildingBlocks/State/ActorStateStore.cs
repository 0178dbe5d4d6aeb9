using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.State;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.BuildingBlocks.State;

/// <summary>The one store that carries <c>actorStateStore: "true"</c>; workflows live there.</summary>
internal sealed class ActorStateStore(ComponentRegistry<IStateStore> stores)
{
    /// <summary>
    /// Makes another handle on the store, not opened, for what outlives this sidecar; null when no component is marked. Two marked ones stop the start, as in daprd.
    /// </summary>
    public Func<IStateStore>? Find()
    {
        var marked = stores.All.Where(entry =>
            string.Equals(entry.Definition.Metadata.All.GetValueOrDefault("actorStateStore"), "true", StringComparison.OrdinalIgnoreCase)).ToList();
        return marked switch
        {
            [] => null,
            [var only] => () => stores.CreateAnother(only.Definition),
            [var first, ..] => throw new SidecarStartException(
                $"{first.Definition.Name} is already the actor state store, only one actor state store is allowed; remove actorStateStore from the others."),
        };
    }
}
