using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Eventide.Tools.Tests.ComponentFiles;

/// <summary>What Dapr's own components allow in a component file, from dapr-components.yaml.</summary>
internal sealed partial class DaprComponents
{
    private readonly YamlMappingNode _runtime;
    private readonly YamlMappingNode _types;

    public DaprComponents()
    {
        using var text = File.OpenText(Path.Combine(AppContext.BaseDirectory, "ComponentFiles", "dapr-components.yaml"));
        var yaml = new YamlStream();
        yaml.Load(text);
        _runtime = (YamlMappingNode)yaml.Documents[0].RootNode["runtime"];
        _types = (YamlMappingNode)yaml.Documents[0].RootNode["types"];
    }

    /// <summary>What is wrong with a document of kind Component, a sentence each.</summary>
    /// <param name="secretsByReference">Whether a secret has to come from a secret store.</param>
    public IEnumerable<string> Faults(YamlNode component, bool secretsByReference)
    {
        var spec = component["spec"];
        var type = $"{spec["type"]}";
        if (!_types.Children.TryGetValue(type, out var facts))
        {
            yield return $"Dapr's type {type} is not in the list";
            yield break;
        }

        var settings = ((YamlSequenceNode)spec["metadata"]).ToDictionary(setting => $"{setting["name"]}", setting => (YamlMappingNode)setting);
        if ($"{spec["version"]}" != $"{facts["version"]}")
        {
            yield return $"{type} has the version {facts["version"]}, not {spec["version"]}";
        }

        foreach (var missing in Names(facts, "required").Where(name => !settings.ContainsKey(name)))
        {
            yield return $"{missing} is required";
        }

        if (Find(facts, "signIn") is YamlSequenceNode ways && !ways.Any(way => ((YamlSequenceNode)way).All(name => settings.ContainsKey($"{name}"))))
        {
            yield return $"no way to sign in is complete; there are {string.Join(" and ", ways.Select(way => string.Join("+", (YamlSequenceNode)way)))}";
        }

        foreach (var (name, setting) in settings)
        {
            var value = Find(setting, "value")?.ToString();
            if (secretsByReference && value is not null && Names(facts, "secret").Contains(name))
            {
                yield return $"{name} is a secret and has to be a secretKeyRef";
            }

            if (Kind(facts, type, name) is not { } kind)
            {
                yield return $"{type} does not know the setting {name}";
            }
            else if (value is not null && !IsAllowed(facts, kind, name, value))
            {
                yield return $"{name} is {value}, which is no {kind}";
            }
        }
    }

    private string? Kind(YamlNode facts, string type, string name) =>
        new[] { "bool", "number", "duration", "text" }.FirstOrDefault(kind => Names(facts, kind).Contains(name))
        ?? (Find(facts, "oneOf") is YamlMappingNode choices && choices.Children.ContainsKey(name) ? "allowed value" : null)
        ?? (Names(_runtime, type.Split('.')[0]).Contains(name) ? "text" : null);

    private static bool IsAllowed(YamlNode facts, string kind, string name, string value) => kind switch
    {
        "bool" => value is "true" or "false",
        "number" => double.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _),
        "duration" => Duration().IsMatch(value),
        "allowed value" => ((YamlSequenceNode)facts["oneOf"][name]).Any(allowed => $"{allowed}" == value),
        _ => true,
    };

    private static IEnumerable<string> Names(YamlNode node, string list) => Find(node, list) is YamlSequenceNode names ? names.Select(name => $"{name}") : [];

    private static YamlNode? Find(YamlNode node, string name) => ((YamlMappingNode)node).Children.TryGetValue(name, out var found) ? found : null;

    // Go's, or a plain number of seconds.
    [GeneratedRegex(@"^-?(\d+|(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+)$")]
    private static partial Regex Duration();
}
