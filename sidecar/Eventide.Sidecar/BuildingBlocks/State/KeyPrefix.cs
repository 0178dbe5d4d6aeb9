using Eventide.Sidecar.Components;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.BuildingBlocks.State;

/// <summary>How a state component keeps the keys of apps apart (Dapr: pkg/components/state/state_config.go).</summary>
internal readonly record struct KeyPrefix(string Text)
{
    /// <summary>Reads <c>keyPrefix</c>: appid (the default), name, namespace, none, or a literal.</summary>
    public static KeyPrefix Of(ComponentDefinition definition, SidecarOptions options)
    {
        var strategy = definition.Metadata.All.GetValueOrDefault("keyPrefix") is { Length: > 0 } given ? given : "appid";
        if (strategy.Contains("||", StringComparison.Ordinal))
        {
            throw new SidecarStartException($"{definition.File}: component \"{definition.Name}\": keyPrefix \"{strategy}\" can't contain \"||\".");
        }

        return new KeyPrefix(strategy.ToLowerInvariant() switch
        {
            "appid" => $"{options.AppId}||",
            "name" => $"{definition.Name}||",
            "namespace" => options.Namespace.Length == 0 ? $"{options.AppId}||" : $"{options.Namespace}.{options.AppId}||",
            "none" => "",
            _ => $"{strategy}||",
        });
    }

    /// <summary>The key as stored.</summary>
    public string Add(string key) => Text + key;
}
