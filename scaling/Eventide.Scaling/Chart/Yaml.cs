using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Eventide.Scaling.Chart;

/// <summary>Reading a rendered object by path. Absent is null; what is there and cannot be read is an error with the path.</summary>
internal static class Yaml
{
    public static YamlNode? At(this YamlNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null;
        }

        return node;
    }

    public static string? Text(this YamlNode? node, params ReadOnlySpan<string> path) => (node.At(path) as YamlScalarNode)?.Value;

    public static string Required(this YamlNode? node, params ReadOnlySpan<string> path) =>
        node.Text(path) ?? throw new InvalidDataException($"{string.Join('.', path.ToArray())} is missing.");

    public static int? Number(this YamlNode? node, params ReadOnlySpan<string> path)
    {
        if (node.Text(path) is not { } text)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidDataException($"{string.Join('.', path.ToArray())} is \"{text}\", not a whole number.");
    }

    public static TimeSpan? Seconds(this YamlNode? node, params ReadOnlySpan<string> path) =>
        node.Number(path) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    public static IReadOnlyList<YamlNode> Items(this YamlNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is YamlSequenceNode sequence ? [.. sequence.Children] : [];

    /// <summary>A Kubernetes quantity of processor in thousandths of a core: "250m", "1", "0.5".</summary>
    public static long Millicores(string quantity) => quantity.EndsWith('m')
        ? long.Parse(quantity.AsSpan(0, quantity.Length - 1), CultureInfo.InvariantCulture)
        : (long)(1000 * double.Parse(quantity, CultureInfo.InvariantCulture));
}
