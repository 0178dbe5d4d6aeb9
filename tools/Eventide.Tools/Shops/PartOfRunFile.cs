using YamlDotNet.RepresentationModel;

namespace Eventide.Tools.Shops;

/// <summary>A run file with some apps of the shop's only, for a shop in which nothing else takes its share of the machine.</summary>
internal static class PartOfRunFile
{
    /// <summary>Writes it into a folder; gives its path.</summary>
    /// <param name="environment">More environment variables for every app.</param>
    public static string Write(string folder, IReadOnlyCollection<string> appIds, IReadOnlyDictionary<string, string> environment)
    {
        var yaml = new YamlStream();
        using (var text = File.OpenText(Repository.RunFile))
        {
            yaml.Load(text);
        }

        var root = (YamlMappingNode)yaml.Documents[0].RootNode;
        var apps = (YamlSequenceNode)root.Children["apps"];
        foreach (var app in apps.Children.Cast<YamlMappingNode>().ToList())
        {
            if (!appIds.Contains(Text(app, "appID")))
            {
                apps.Children.Remove(app);
            }

            // Where a relative path begins depends on where the file is.
            app.Children["appDirPath"] = Path.GetFullPath(Text(app, "appDirPath"), Repository.Root);
        }

        var common = (YamlMappingNode)root.Children["common"];
        common.Children.Remove("resourcesPaths");
        foreach (var (name, value) in environment)
        {
            ((YamlMappingNode)common.Children["env"]).Children[name] = new YamlScalarNode(value) { Style = YamlDotNet.Core.ScalarStyle.DoubleQuoted };
        }

        var path = Path.Combine(Directory.CreateDirectory(folder).FullName, "part-of-dapr.yaml");
        using var file = File.CreateText(path);
        yaml.Save(file, assignAnchors: false);
        return path;
    }

    private static string Text(YamlMappingNode app, string field) => ((YamlScalarNode)app.Children[field]).Value!;
}
