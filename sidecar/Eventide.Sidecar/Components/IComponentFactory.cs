using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components;

/// <summary>Makes components of one type. One class per type, registered by the building block that the type belongs to.</summary>
/// <typeparam name="TComponent">IStateStore, IPubSub, ISecretStore …</typeparam>
internal interface IComponentFactory<out TComponent>
{
    /// <summary>The type as component files write it, such as state.sqlite.</summary>
    string Type { get; }

    /// <summary>Reads the settings and makes the component; nothing is opened yet. Throws <see cref="Hosting.SidecarStartException"/> for a wrong setting.</summary>
    TComponent Create(ComponentDefinition definition, ComponentContext context);
}

/// <summary>What a component may know of the sidecar around it.</summary>
/// <param name="AppId">The app; the default consumer group.</param>
/// <param name="Namespace">The sidecar's namespace.</param>
/// <param name="WorkingDirectory">Where relative paths start.</param>
/// <param name="Variables">The environment, read anew at each call.</param>
/// <param name="Shared">What all sidecars of this process share.</param>
internal sealed record ComponentContext(
    string AppId, string Namespace, string WorkingDirectory, Func<IEnumerable<KeyValuePair<string, string>>> Variables, TimeProvider Time, ILoggerFactory Loggers,
    SharedComponents Shared);
