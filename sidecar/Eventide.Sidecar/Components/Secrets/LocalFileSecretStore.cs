using System.Text.Json;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Components.Secrets;

/// <summary>secretstores.local.file: a JSON file; nested names are joined with a separator, or kept together with multiValued (Dapr: secretstores/local/file).</summary>
internal sealed class LocalFileSecretStore(string path, string separator, bool multiValued) : ISecretStore
{
    private Dictionary<string, IReadOnlyDictionary<string, string>> _secrets = [];

    /// <inheritdoc/>
    public async ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        using var document = await JsonDocument.ParseAsync(file, cancellationToken: cancellationToken);
        var secrets = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (multiValued && property.Value.ValueKind == JsonValueKind.Object)
            {
                secrets[property.Name] = Flatten("", property.Value).ToDictionary(pair => pair.Key, pair => pair.Value);
                continue;
            }

            foreach (var (name, value) in Flatten(property.Name, property.Value))
            {
                secrets[name] = new Dictionary<string, string> { [name] = value };
            }
        }

        _secrets = secrets;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, string>?> GetAsync(string name, CancellationToken cancellationToken) => new(_secrets.GetValueOrDefault(name));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> GetAllAsync(CancellationToken cancellationToken) => new(_secrets);

    private IEnumerable<KeyValuePair<string, string>> Flatten(string name, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            return element.EnumerateObject().SelectMany(p => Flatten(name.Length == 0 ? p.Name : name + separator + p.Name, p.Value));
        }

        return element.ValueKind == JsonValueKind.Array
            ? element.EnumerateArray().SelectMany((item, index) => Flatten($"{name}{separator}{index}", item))
            : [KeyValuePair.Create(name, element.ToString())];
    }
}

/// <summary>Makes <see cref="LocalFileSecretStore"/>.</summary>
internal sealed class LocalFileSecretStoreFactory : IComponentFactory<ISecretStore>
{
    /// <inheritdoc/>
    public string Type => "secretstores.local.file";

    /// <inheritdoc/>
    public ISecretStore Create(ComponentDefinition definition, ComponentContext context)
    {
        var name = definition.Metadata.Required("secretsFile");

        // daprd starts from the folder that it was started in. That folder is usually the component's or one above it, wherever we were started.
        string[] starts = [context.WorkingDirectory, Environment.CurrentDirectory, .. FoldersAbove(definition.File)];
        var paths = Array.ConvertAll(starts, start => Path.GetFullPath(name, start));
        return Array.Find(paths, File.Exists) is { } path
            ? new LocalFileSecretStore(path, definition.Metadata.Text("nestedSeparator") ?? ":", definition.Metadata.Flag("multiValued", false))
            : throw new SidecarStartException($"{definition.File}: component \"{definition.Name}\": secretsFile {paths[0]} does not exist.");
    }

    private static IEnumerable<string> FoldersAbove(string file)
    {
        for (var folder = Path.GetDirectoryName(Path.GetFullPath(file)); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            yield return folder;
        }
    }
}
