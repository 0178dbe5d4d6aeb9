using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Eventide.Tools.Shops;

/// <summary>How an app is to be started otherwise than the run file says.</summary>
/// <param name="MaxConcurrency">So many calls at once reach the app; null leaves what the run file says.</param>
/// <param name="Environment">More environment variables.</param>
internal sealed record AppSetup(int? MaxConcurrency, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>How long the answer to a health probe may take; null leaves what the run file says.</summary>
    public TimeSpan? ProbeTimeout { get; init; }
}

/// <summary>A run file with some apps of the shop's only, for a shop in which nothing else takes its share of the machine.</summary>
internal static class PartOfRunFile
{
    /// <summary>Writes it into a folder; gives its path.</summary>
    /// <param name="environment">More environment variables for every app.</param>
    /// <param name="setups">By app id, for those that are to be set up otherwise.</param>
    public static string Write(
        string folder, IReadOnlyCollection<string> appIds, IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<string, AppSetup>? setups = null)
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
            if (setups?.GetValueOrDefault(Text(app, "appID")) is { } setup)
            {
                Apply(app, setup);
            }
        }

        var common = (YamlMappingNode)root.Children["common"];
        common.Children.Remove("resourcesPaths");
        Add(common, environment);
        var path = Path.Combine(Directory.CreateDirectory(folder).FullName, "part-of-dapr.yaml");
        using var file = File.CreateText(path);
        yaml.Save(file, assignAnchors: false);
        return path;
    }

    private static void Apply(YamlMappingNode app, AppSetup setup)
    {
        if (setup.MaxConcurrency is { } most)
        {
            app.Children["appMaxConcurrency"] = most.ToString(CultureInfo.InvariantCulture);
        }

        if (setup.ProbeTimeout is { } timeout)
        {
            app.Children["appHealthProbeTimeout"] = timeout.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
        }

        Add(app, setup.Environment);
    }

    private static void Add(YamlMappingNode owner, IReadOnlyDictionary<string, string> environment)
    {
        if (!owner.Children.TryGetValue("env", out var variables))
        {
            owner.Children["env"] = variables = new YamlMappingNode();
        }

        foreach (var (name, value) in environment)
        {
            ((YamlMappingNode)variables).Children[name] = new YamlScalarNode(value) { Style = ScalarStyle.DoubleQuoted };
        }
    }

    private static string Text(YamlMappingNode app, string field) => ((YamlScalarNode)app.Children[field]).Value!;
}
