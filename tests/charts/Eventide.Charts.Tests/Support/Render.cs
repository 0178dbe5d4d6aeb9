using YamlDotNet.RepresentationModel;

namespace Eventide.Charts.Tests.Support;

/// <summary>A rendered chart.</summary>
internal sealed class Render(RenderOptions options, string text)
{
    private readonly Lazy<IReadOnlyList<KubernetesObject>> _objects = new(() => Parse(text));

    /// <summary>How it was made.</summary>
    public RenderOptions Options => options;

    /// <summary>As Helm printed it.</summary>
    public string Text => text;

    /// <summary>Its objects.</summary>
    public IReadOnlyList<KubernetesObject> Objects => _objects.Value;

    /// <summary>Its objects of one kind.</summary>
    public IEnumerable<KubernetesObject> Of(string kind) => Objects.Where(item => item.Kind == kind);

    private static List<KubernetesObject> Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>().Select(root => new KubernetesObject(root))];
    }
}

/// <summary>One object of a render.</summary>
internal sealed class KubernetesObject(YamlMappingNode root)
{
    public string Kind => Text("kind")!;

    public string Name => Text("metadata", "name")!;

    public string ApiVersion => Text("apiVersion")!;

    /// <summary>The node there; null when there is none.</summary>
    public YamlNode? At(params ReadOnlySpan<string> path) => At(root, path);

    /// <summary>The scalar there; null when there is none.</summary>
    public string? Text(params ReadOnlySpan<string> path) => (At(root, path) as YamlScalarNode)?.Value;

    /// <summary>The entries of the list there.</summary>
    public IReadOnlyList<YamlNode> Items(params ReadOnlySpan<string> path) => At(root, path) is YamlSequenceNode list ? [.. list.Children] : [];

    /// <summary>The pairs of the map there whose values are scalars.</summary>
    public IReadOnlyDictionary<string, string> Map(params ReadOnlySpan<string> path) => Map(At(root, path));

    /// <summary>Its containers, those that start first included; empty when it has no pods.</summary>
    public IReadOnlyList<YamlNode> Containers() => PodSpec() is { } spec ? [.. Items(spec, "initContainers"), .. Items(spec, "containers")] : [];

    /// <summary>The pods that it makes, or is; null when there are none.</summary>
    public YamlNode? PodSpec() => Kind == "Pod" ? At("spec") : At("spec", "template", "spec");

    /// <summary>The object as YAML.</summary>
    public string ToYaml()
    {
        using var writer = new StringWriter();
        new YamlStream(new YamlDocument(root)).Save(writer, assignAnchors: false);
        return writer.ToString();
    }

    public static IReadOnlyList<YamlNode> Items(YamlNode? node, params ReadOnlySpan<string> path) => At(node, path) is YamlSequenceNode list ? [.. list.Children] : [];

    public static YamlNode? At(YamlNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            node = node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;
        }

        return node;
    }

    public static string? Text(YamlNode? node, params ReadOnlySpan<string> path) => (At(node, path) as YamlScalarNode)?.Value;

    public static IReadOnlyDictionary<string, string> Map(YamlNode? node) => node is YamlMappingNode map
        ? map.Children.Where(pair => pair.Value is YamlScalarNode).ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => ((YamlScalarNode)pair.Value).Value!)
        : new Dictionary<string, string>();

    public override string ToString() => $"{Kind} {Name}";
}
