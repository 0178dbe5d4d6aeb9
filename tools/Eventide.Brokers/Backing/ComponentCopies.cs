using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Eventide.Brokers.Backing;

/// <summary>Copies of component files in which the components of one server say where it is.</summary>
internal static class ComponentCopies
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes a copy of every component file of a folder to another one, which then holds nothing else.</summary>
    /// <param name="change">Gets the type of a component and gives the settings that its copy has in place of, or beside, its own.</param>
    public static void Write(string from, string to, Func<string, IEnumerable<KeyValuePair<string, string>>> change)
    {
        if (Directory.Exists(to))
        {
            Directory.Delete(to, recursive: true);
        }

        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from, "*.y*ml"))
        {
            var yaml = new YamlStream();
            using (var text = File.OpenText(file))
            {
                yaml.Load(text);
            }

            foreach (var document in yaml.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>().Where(document => Text(document, "kind") == "Component"))
            {
                Change(document, change);
            }

            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                // The address may have a password in it.
                options.UnixCreateMode = OwnerOnly;
            }

            using var copy = new StreamWriter(Path.Combine(to, Path.GetFileName(file)), options);
            copy.WriteLine($"# Written at each start from {file}, with the address of the server that is used; change that file, not this one.");
            yaml.Save(copy, assignAnchors: false);
        }
    }

    private static void Change(YamlMappingNode component, Func<string, IEnumerable<KeyValuePair<string, string>>> change)
    {
        var spec = (YamlMappingNode)component["spec"];
        foreach (var (name, value) in change(Text(spec, "type") ?? ""))
        {
            if (!spec.Children.TryGetValue("metadata", out var settings))
            {
                spec.Add("metadata", settings = new YamlSequenceNode());
            }

            var list = (YamlSequenceNode)settings;
            var text = new YamlScalarNode(value) { Style = ScalarStyle.DoubleQuoted };
            if (list.Children.OfType<YamlMappingNode>().FirstOrDefault(setting => Text(setting, "name") == name) is { } there)
            {
                there.Children.Remove("secretKeyRef");
                there.Children["value"] = text;
            }
            else
            {
                list.Add(new YamlMappingNode { { "name", name }, { "value", text } });
            }
        }
    }

    private static string? Text(YamlMappingNode node, string field) => node.Children.TryGetValue(field, out var value) ? (value as YamlScalarNode)?.Value : null;
}
