namespace Eventide.Sidecar.Components.Secrets;

/// <summary>The secret stores of a sidecar by name. They open before all other components, because those may refer to their secrets.</summary>
internal sealed class SecretStores
{
    private readonly Dictionary<string, ISecretStore> _stores = new(StringComparer.Ordinal);

    /// <summary>The names.</summary>
    public IReadOnlyCollection<string> Names => _stores.Keys;

    /// <summary>The store, or null.</summary>
    public ISecretStore? Find(string name) => _stores.GetValueOrDefault(name);

    /// <summary>Adds an opened store.</summary>
    public void Add(string name, ISecretStore store) => _stores.Add(name, store);
}
