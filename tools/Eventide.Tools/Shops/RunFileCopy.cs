using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Eventide.Tools.Shops;

/// <summary>How an app is to be started otherwise than the run file says.</summary>
/// <param name="MaxConcurrency">So many calls at once reach the app; null leaves what the run file says.</param>
/// <param name="Environment">More environment variables.</param>
internal sealed record AppSetup(int? MaxConcurrency, IReadOnlyDictionary<string, string> Environment);

/// <summary>Copies of the repository's run file for shops that are set up differently.</summary>
internal static class RunFileCopy
{
    /// <summary>Writes a copy to a folder; answers where it is.</summary>
    /// <param name="setups">By app id.</param>
    /// <param name="without">Apps that are left out.</param>
    public static string Write(string folder, IReadOnlyDictionary<string, AppSetup> setups, params IReadOnlyCollection<string> without)
    {
        var yaml = new YamlStream();
        using (var text = File.OpenText(Repository.RunFile))
        {
            yaml.Load(text);
        }

        var root = (YamlMappingNode)yaml.Documents[0].RootNode;
        var apps = (YamlSequenceNode)root["apps"];
        foreach (var app in apps.Children.OfType<YamlMappingNode>().ToList())
        {
            var appId = ((YamlScalarNode)app["appID"]).Value!;
            if (without.Contains(appId))
            {
                apps.Children.Remove(app);
                continue;
            }

            // The copy lies elsewhere.
            app.Children["appDirPath"] = Path.GetFullPath(((YamlScalarNode)app["appDirPath"]).Value!, Repository.Root);
            if (setups.TryGetValue(appId, out var setup))
            {
                Apply(app, setup);
            }
        }

        Directory.CreateDirectory(folder);
        var copy = Path.Combine(folder, "dapr.yaml");
        using var file = new StreamWriter(copy);
        yaml.Save(file, assignAnchors: false);
        return copy;
    }

    private static void Apply(YamlMappingNode app, AppSetup setup)
    {
        if (setup.MaxConcurrency is { } most)
        {
            app.Children["appMaxConcurrency"] = most.ToString(CultureInfo.InvariantCulture);
        }

        if (!app.Children.TryGetValue("env", out var env))
        {
            app.Children["env"] = env = new YamlMappingNode();
        }

        foreach (var (name, value) in setup.Environment)
        {
            ((YamlMappingNode)env).Children[name] = new YamlScalarNode(value) { Style = YamlDotNet.Core.ScalarStyle.DoubleQuoted };
        }
    }
}
