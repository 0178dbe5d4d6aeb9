namespace Eventide.Sidecar.Components.Secrets;

/// <summary>secretstores.local.env: the environment variables, optionally only those with a prefix (Dapr: secretstores/local/env).</summary>
internal sealed class LocalEnvSecretStore(string prefix, Func<IEnumerable<KeyValuePair<string, string>>> variables) : ISecretStore
{
    /// <inheritdoc/>
    public ValueTask InitializeAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    /// <remarks>A variable that is not set is an empty secret, as in daprd.</remarks>
    public ValueTask<IReadOnlyDictionary<string, string>?> GetAsync(string name, CancellationToken cancellationToken) =>
        new(new Dictionary<string, string> { [name] = Allowed().FirstOrDefault(variable => variable.Key == prefix + name).Value ?? "" });

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var (variable, value) in Allowed())
        {
            var name = variable[prefix.Length..];
            all[name] = new Dictionary<string, string> { [name] = value };
        }

        return new(all);
    }

    // The sidecar's own tokens are not secrets of the app. The whole name counts: a prefix of DAPR_ must not be the way to them.
    private IEnumerable<KeyValuePair<string, string>> Allowed() => variables().Where(variable =>
        variable.Key.StartsWith(prefix, StringComparison.Ordinal)
        && !variable.Key.Equals("APP_API_TOKEN", StringComparison.OrdinalIgnoreCase)
        && !variable.Key.StartsWith("DAPR_", StringComparison.OrdinalIgnoreCase));
}

/// <summary>Makes <see cref="LocalEnvSecretStore"/>.</summary>
internal sealed class LocalEnvSecretStoreFactory : IComponentFactory<ISecretStore>
{
    /// <inheritdoc/>
    public string Type => "secretstores.local.env";

    /// <inheritdoc/>
    public ISecretStore Create(ComponentDefinition definition, ComponentContext context) =>
        new LocalEnvSecretStore(definition.Metadata.Text("prefix") ?? "", context.Variables);
}
