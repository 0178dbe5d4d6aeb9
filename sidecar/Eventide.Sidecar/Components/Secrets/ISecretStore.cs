namespace Eventide.Sidecar.Components.Secrets;

/// <summary>A secret store component. Safe for concurrent callers.</summary>
internal interface ISecretStore
{
    /// <summary>Opens the store; throws when it cannot be read.</summary>
    ValueTask InitializeAsync(CancellationToken cancellationToken);

    /// <summary>The secret's keys and values, or null when there is no such secret.</summary>
    ValueTask<IReadOnlyDictionary<string, string>?> GetAsync(string name, CancellationToken cancellationToken);

    /// <summary>Every secret by name.</summary>
    ValueTask<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(CancellationToken cancellationToken);
}
