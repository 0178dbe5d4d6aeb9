using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Components.Secrets;
using Eventide.Sidecar.Components.State;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Resources;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components;

/// <summary>
/// Stops the start at a component that this sidecar does not serve, before anything is opened: an app would find out much later, by a call that fails. As in Dapr, a
/// component that is not scoped to the app is none of its business, and ignoreErrors turns the stop into a warning.
/// </summary>
internal sealed partial class ComponentTypes(
    LoadedResources resources, IEnumerable<IComponentFactory<ISecretStore>> secretStores, IEnumerable<IComponentFactory<IStateStore>> stateStores,
    IEnumerable<IComponentFactory<IPubSub>> brokers, ILogger<ComponentTypes> log) : IBuildingBlock
{
    // How Dapr names what runs at a provider only, in the second part of the type.
    private static readonly Dictionary<string, string> Clouds = new(StringComparer.Ordinal)
    {
        ["alicloud"] = "Alibaba Cloud",
        ["aws"] = "AWS",
        ["azure"] = "Azure",
        ["cloudflare"] = "Cloudflare",
        ["gcp"] = "Google Cloud",
        ["huaweicloud"] = "Huawei Cloud",
        ["oci"] = "Oracle Cloud",
        ["tencentcloud"] = "Tencent Cloud",
    };

    private readonly string[] _served =
        [.. secretStores.Select(f => f.Type).Concat(stateStores.Select(f => f.Type)).Concat(brokers.Select(f => f.Type)).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public Task InitializeAsync(CancellationToken cancellationToken)
    {
        foreach (var resource in resources.Components.Where(component => !_served.Contains(component.Type)))
        {
            var explanation = Explain(resource);
            if (!resource.IgnoreErrors)
            {
                throw new SidecarStartException(explanation);
            }

            Ignored(explanation);
        }

        return Task.CompletedTask;
    }

    private string Explain(ComponentResource resource)
    {
        var parts = resource.Type.Split('.');
        if (parts.Length > 2 && Clouds.TryGetValue(parts[1], out var cloud))
        {
            return $"{resource.File}: component \"{resource.Name}\" ({resource.Type}) needs {cloud} and runs under Dapr only, not in the embedded sidecar; use another component file here.";
        }

        var alike = _served.Where(type => type.StartsWith(parts[0] + ".", StringComparison.Ordinal)).ToList();
        return $"{resource.File}: component \"{resource.Name}\" has the unknown type \"{resource.Type}\". "
            + (Spelling.Nearest(resource.Type, _served) is { } near ? $"Did you mean \"{near}\"? " : "")
            + $"Known here: {string.Join(", ", alike.Count > 0 ? alike : [.. _served])}.";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Explanation} Left out, because ignoreErrors is true.")]
    private partial void Ignored(string explanation);
}
