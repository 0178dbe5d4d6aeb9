using YamlDotNet.RepresentationModel;

namespace Eventide.Brokers.Tests.Support;

/// <summary>The names in the KEDA triggers of the committed renders of the chart: what a cluster would watch.</summary>
internal static class RenderedTriggers
{
    /// <summary>The values of two settings of every trigger that has both, without repetition, such as consumerGroup and stream.</summary>
    public static IReadOnlyList<(string First, string Second)> Of(string broker, string first, string second)
    {
        var stream = new YamlStream();
        using (var text = File.OpenText(Path.Combine(Repository.Root, "tests/charts/Eventide.Charts.Tests/Golden", $"production-{broker}-keda.yaml")))
        {
            stream.Load(text);
        }

        var triggers = stream.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>()
            .Where(node => Text(node, "kind") == "ScaledObject")
            .SelectMany(node => ((YamlSequenceNode)node["spec"]["triggers"]).Children)
            .Where(trigger => ((YamlMappingNode)trigger).Children.ContainsKey("metadata"))
            .Select(trigger => (YamlMappingNode)trigger["metadata"])
            .Where(metadata => Text(metadata, first) is not null && Text(metadata, second) is not null)
            .Select(metadata => (Text(metadata, first)!, Text(metadata, second)!)).Distinct().ToList();
        Assert.NotEmpty(triggers);
        return triggers;
    }

    private static string? Text(YamlMappingNode node, string name) => node.Children.TryGetValue(name, out var value) ? ((YamlScalarNode)value).Value : null;
}
