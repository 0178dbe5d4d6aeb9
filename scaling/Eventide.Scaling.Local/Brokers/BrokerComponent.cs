using Eventide.Tools;
using YamlDotNet.RepresentationModel;

namespace Eventide.Scaling.Local.Brokers;

/// <summary>The pub/sub component that a shop has loaded.</summary>
/// <param name="File">Where it stands.</param>
/// <param name="Type">Such as pubsub.redis.</param>
/// <param name="Metadata">Its plain values; what comes from a secret store is not there.</param>
internal sealed record BrokerComponent(string File, string Type, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Finds it in the folders of component files.</summary>
    /// <exception cref="ToolException">There is none.</exception>
    public static BrokerComponent Find(IReadOnlyList<string> folders, string name)
    {
        foreach (var file in folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*.y*ml")))
        {
            var yaml = new YamlStream();
            using (var text = System.IO.File.OpenText(file))
            {
                yaml.Load(text);
            }

            foreach (var document in yaml.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>())
            {
                if (Text(document, "kind") == "Component" && document.Children.TryGetValue("metadata", out var metadata) && Text(metadata, "name") == name)
                {
                    return Read(file, document["spec"]);
                }
            }
        }

        throw new ToolException($"No component file of the shop has a pub/sub component \"{name}\" (looked in {string.Join(", ", folders)}); start the shop with `make run`.");
    }

    /// <summary>A setting that has to be there.</summary>
    /// <exception cref="ToolException">It is not, or comes from a secret store.</exception>
    public string Required(string name) => Metadata.GetValueOrDefault(name) is { Length: > 0 } value
        ? value
        : throw new ToolException($"{File} does not say {name} as a plain value, so the broker cannot be asked for backlogs; write it there.");

    private static BrokerComponent Read(string file, YamlNode spec)
    {
        var settings = spec is YamlMappingNode map && map.Children.TryGetValue("metadata", out var list) && list is YamlSequenceNode sequence ? sequence.Children : [];
        return new BrokerComponent(file, Text(spec, "type") ?? "", settings
            .Select(setting => (Name: Text(setting, "name"), Value: Text(setting, "value")))
            .Where(setting => setting is { Name: not null, Value: not null })
            .ToDictionary(setting => setting.Name!, setting => setting.Value!, StringComparer.OrdinalIgnoreCase));
    }

    private static string? Text(YamlNode node, string field) =>
        node is YamlMappingNode map && map.Children.TryGetValue(field, out var value) ? (value as YamlScalarNode)?.Value : null;
}
