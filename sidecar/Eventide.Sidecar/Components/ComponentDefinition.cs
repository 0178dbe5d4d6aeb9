namespace Eventide.Sidecar.Components;

/// <summary>A component as its file declares it (kind Component, dapr.io/v1alpha1).</summary>
/// <param name="Name">The name that callers use.</param>
/// <param name="Type">Such as state.sqlite.</param>
/// <param name="Version">Such as v1.</param>
/// <param name="File">Where it stands, for messages.</param>
/// <param name="IgnoreErrors">When its start fails, the sidecar starts without it.</param>
/// <param name="InitTimeout">How long its start may take. Dapr's default is 5 seconds.</param>
/// <param name="Metadata">Its settings, secrets and templates resolved.</param>
/// <param name="Scopes">App ids that load it; empty means all.</param>
internal sealed record ComponentDefinition(
    string Name,
    string Type,
    string Version,
    string File,
    bool IgnoreErrors,
    TimeSpan InitTimeout,
    ComponentMetadata Metadata,
    IReadOnlyList<string> Scopes);
