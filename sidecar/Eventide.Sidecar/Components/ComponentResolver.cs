using Eventide.Sidecar.Components.Secrets;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Resources;

namespace Eventide.Sidecar.Components;

/// <summary>Turns a component file into a definition: templates, secrets and environment references filled in (Dapr: pkg/runtime/processor/secret).</summary>
internal sealed class ComponentResolver(LoadedResources resources, SidecarOptions options, SecretStores secrets)
{
    /// <summary>What was loaded.</summary>
    public LoadedResources Resources => resources;

    /// <summary>Resolves one component. Throws <see cref="SidecarStartException"/> for a missing secret or variable.</summary>
    public async Task<ComponentDefinition> ResolveAsync(ComponentResource resource, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in resource.Metadata)
        {
            values[item.Name] = item switch
            {
                { SecretName: { } secret } => await SecretAsync(resource, item, secret, cancellationToken),
                { EnvironmentVariable: { } variable } => Variable(resource, item, variable),
                _ => Expand(resource, item.Value ?? ""),
            };
        }

        return new ComponentDefinition(
            resource.Name, resource.Type, resource.Version, resource.File, resource.IgnoreErrors, resource.InitTimeout,
            new ComponentMetadata(resource.File, resource.Name, values), resource.Scopes);
    }

    private async Task<string> SecretAsync(ComponentResource resource, MetadataItem item, string secret, CancellationToken cancellationToken)
    {
        if (resource.SecretStore is not { Length: > 0 } storeName)
        {
            throw new SidecarStartException(
                $"{resource.File}: component \"{resource.Name}\": \"{item.Name}\" refers to the secret \"{secret}\", but auth.secretStore names no store.");
        }

        var store = secrets.Find(storeName) ?? throw new SidecarStartException(
            $"{resource.File}: component \"{resource.Name}\": auth.secretStore \"{storeName}\" is no secret store of app {options.AppId}; add the component or its scope.");
        var found = await store.GetAsync(secret, cancellationToken);
        var key = item.SecretKey is { Length: > 0 } given ? given : secret;
        return found is not null && found.TryGetValue(key, out var value) ? value : throw new SidecarStartException(
            $"{resource.File}: component \"{resource.Name}\": \"{item.Name}\" needs the secret \"{secret}\" (key \"{key}\"), which the store \"{storeName}\" does not hold.");
    }

    private string Variable(ComponentResource resource, MetadataItem item, string variable)
    {
        if (variable == "APP_API_TOKEN" || variable.StartsWith("DAPR_", StringComparison.OrdinalIgnoreCase) || variable.Contains(' '))
        {
            throw new SidecarStartException($"{resource.File}: component \"{resource.Name}\": envRef \"{variable}\" of \"{item.Name}\" is not allowed.");
        }

        return options.Variable(variable) ?? "";
    }

    private string Expand(ComponentResource resource, string value)
    {
        if (!value.Contains('{'))
        {
            return value;
        }

        if (value.Contains("{podName}", StringComparison.Ordinal) && options.Variable("POD_NAME") is null)
        {
            throw new SidecarStartException($"{resource.File}: component \"{resource.Name}\" uses {{podName}}, but the environment variable POD_NAME is not set.");
        }

        while (value.IndexOf("{uuid}", StringComparison.Ordinal) is >= 0 and var at)
        {
            value = value.Remove(at, "{uuid}".Length).Insert(at, Guid.NewGuid().ToString());
        }

        return value.Replace("{appID}", options.AppId).Replace("{namespace}", $"{options.Namespace}.{options.AppId}")
            .Replace("{podName}", options.Variable("POD_NAME"));
    }
}
