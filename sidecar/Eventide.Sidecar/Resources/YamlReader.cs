using Eventide.Sidecar.Hosting;
using YamlDotNet.RepresentationModel;

namespace Eventide.Sidecar.Resources;

/// <summary>
/// Reads one mapping of a resource file strictly: a field that nobody asks for stops the start with its line and the nearest known name, so that a typo
/// never turns into a default. Not thread-safe.
/// </summary>
internal sealed class YamlReader(string file, string path, YamlMappingNode node)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>Where this mapping stands, for messages.</summary>
    public string Where => $"{file}, line {node.Start.Line}";

    /// <summary>The scalar as text; null when absent.</summary>
    public string? Text(string field) => Find(field) switch
    {
        null => null,
        YamlScalarNode scalar => scalar.Value,
        var other => throw Wrong(other, field, "a single value"),
    };

    /// <summary>The scalar; absence stops the start.</summary>
    public string Required(string field) =>
        Text(field) is { Length: > 0 } text ? text : throw new SidecarStartException($"{Where}: \"{Full(field)}\" is missing.");

    /// <summary>true or false.</summary>
    public bool Flag(string field, bool defaultValue) => Text(field) switch
    {
        null or "" => defaultValue,
        "true" => true,
        "false" => false,
        var text => throw new SidecarStartException($"{Where}: \"{Full(field)}\" is \"{text}\"; allowed is true or false."),
    };

    /// <summary>A whole number.</summary>
    public int Number(string field, int defaultValue) => Text(field) switch
    {
        null or "" => defaultValue,
        var text => int.TryParse(text, out var number)
            ? number
            : throw new SidecarStartException($"{Where}: \"{Full(field)}\" is \"{text}\"; allowed is a whole number."),
    };

    /// <summary>A duration such as 5s.</summary>
    public TimeSpan Duration(string field, TimeSpan defaultValue) => Text(field) switch
    {
        null or "" => defaultValue,
        var text => Components.GoDuration.TryParse(text, TimeSpan.FromSeconds(1), out var duration)
            ? duration
            : throw new SidecarStartException($"{Where}: \"{Full(field)}\" is \"{text}\"; allowed is a duration such as 500ms or 5s."),
    };

    /// <summary>The mapping below <paramref name="field"/>, or null.</summary>
    public YamlReader? Map(string field) => Find(field) switch
    {
        null or YamlScalarNode { Value: null or "" } => null,
        YamlMappingNode mapping => new YamlReader(file, Full(field), mapping),
        var other => throw Wrong(other, field, "a mapping"),
    };

    /// <summary>The mappings in the list below <paramref name="field"/>.</summary>
    public IReadOnlyList<YamlReader> Maps(string field) => Items(field)
        .Select((item, index) => item is YamlMappingNode mapping
            ? new YamlReader(file, $"{Full(field)}[{index}]", mapping)
            : throw Wrong(item, field, "a list of mappings")).ToList();

    /// <summary>The texts in the list below <paramref name="field"/>.</summary>
    public IReadOnlyList<string> Texts(string field) => Items(field)
        .Select(item => item is YamlScalarNode { Value: { } text } ? text : throw Wrong(item, field, "a list of texts")).ToList();

    /// <summary>A mapping from free names to texts.</summary>
    public IReadOnlyDictionary<string, string> TextMap(string field)
    {
        var map = Map(field);
        return map is null ? new Dictionary<string, string>() : map.Names().ToDictionary(name => name, name => map.Text(name) ?? "");
    }

    /// <summary>The names of all fields; they count as asked for.</summary>
    public IReadOnlyList<string> Names()
    {
        var names = node.Children.Keys.OfType<YamlScalarNode>().Select(key => key.Value!).ToList();
        _asked.UnionWith(names);
        return names;
    }

    /// <summary>Whether the field is there.</summary>
    public bool Has(string field) => Find(field) is not null;

    /// <summary>Stops the start when a field was never asked for.</summary>
    public void RefuseUnknown()
    {
        if (Unknown().FirstOrDefault() is { } fault)
        {
            throw new SidecarStartException(fault);
        }
    }

    /// <summary>A sentence for each field that was never asked for.</summary>
    public IEnumerable<string> Unknown() =>
        from key in node.Children.Keys.OfType<YamlScalarNode>()
        where !_asked.Contains(key.Value!)
        let hint = Spelling.Nearest(key.Value!, _asked) is { } near ? $"Did you mean \"{near}\"?" : $"Known here: {string.Join(", ", _asked.Order())}."
        select $"{file}, line {key.Start.Line}: unknown field \"{Full(key.Value!)}\". {hint}";

    private YamlNode? Find(string field)
    {
        _asked.Add(field);
        return node.Children.TryGetValue(new YamlScalarNode(field), out var value) ? value : null;
    }

    private IEnumerable<YamlNode> Items(string field) => Find(field) switch
    {
        null or YamlScalarNode { Value: null or "" } => [],
        YamlSequenceNode list => list.Children,
        var other => throw Wrong(other, field, "a list"),
    };

    private string Full(string field) => path.Length == 0 ? field : $"{path}.{field}";

    private SidecarStartException Wrong(YamlNode at, string field, string expected) =>
        new($"{file}, line {at.Start.Line}: \"{Full(field)}\" must be {expected}.");
}
