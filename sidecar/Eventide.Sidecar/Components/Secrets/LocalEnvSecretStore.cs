namespace Eventide.Sidecar.Components.Secrets;

/// <summary>secretstores.local.env: the environment variables, optionally only those with a prefix (Dapr: secretstores/local/env).</summary>
internal sealed class LocalEnvSecretStore(string prefix) : ISecretStore
{
    /// <inheritdoc/>
    public ValueTask InitializeAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, string>?> GetAsync(string name, CancellationToken cancellationToken) =>
        new(new Dictionary<string, string> { [name] = IsAllowed(name) ? Environment.GetEnvironmentVariable(prefix + name) ?? "" : "" });

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (name.StartsWith(prefix, StringComparison.Ordinal) && IsAllowed(name[prefix.Length..]))
            {
                all[name[prefix.Length..]] = new Dictionary<string, string> { [name[prefix.Length..]] = (string?)variable.Value ?? "" };
            }
        }

        return new(all);
    }

    // The sidecar's own tokens are not secrets of the app (Dapr: secretstores/local/env, isKeyAllowed).
    private static bool IsAllowed(string name) => name is not "APP_API_TOKEN" && !name.StartsWith("DAPR_", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Makes <see cref="LocalEnvSecretStore"/>.</summary>
internal sealed class LocalEnvSecretStoreFactory : IComponentFactory<ISecretStore>
{
    /// <inheritdoc/>
    public string Type => "secretstores.local.env";

    /// <inheritdoc/>
    public ISecretStore Create(ComponentDefinition definition, ComponentContext context) => new LocalEnvSecretStore(definition.Metadata.Text("prefix") ?? "");
}
