using System.Globalization;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Components;

/// <summary>
/// The settings of one component, read by name without regard to case as Dapr does. A wrong value stops the start with file, field, value and what is
/// allowed; <see cref="Unread"/> names what no one asked for, so that a typo is not silently ignored. Not thread-safe: it is read once, at the start.
/// </summary>
internal sealed class ComponentMetadata(string file, string component, IReadOnlyDictionary<string, string> values)
{
    private readonly Dictionary<string, string> _values = new(values, StringComparer.OrdinalIgnoreCase);
    // Settings that the runtime reads for every component of a kind, whatever the component itself asks for.
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase)
    {
        "keyPrefix", "actorStateStore", "consumerID", "publishingScopes", "subscriptionScopes", "allowedTopics", "protectedTopics",
    };

    /// <summary>Every setting as written.</summary>
    public IReadOnlyDictionary<string, string> All => _values;

    /// <summary>The names that the component knows, in the order it asked.</summary>
    public IReadOnlyCollection<string> Known => _known;

    /// <summary>Settings that the component did not ask for.</summary>
    public IEnumerable<string> Unread => _values.Keys.Where(name => !_known.Contains(name));

    /// <summary>The value, or null when absent or empty.</summary>
    public string? Text(string name)
    {
        _known.Add(name);
        return _values.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
    }

    /// <summary>The value; its absence stops the start.</summary>
    public string Required(string name) =>
        Text(name) ?? throw new SidecarStartException($"{file}: component \"{component}\" needs the setting \"{name}\" under spec.metadata.");

    /// <summary>A whole number within bounds.</summary>
    public int Number(string name, int defaultValue, int min = 0, int max = int.MaxValue)
    {
        if (Text(name) is not { } text)
        {
            return defaultValue;
        }

        return int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw Wrong(name, text, max == int.MaxValue ? $"a whole number of at least {min}" : $"a whole number from {min} to {max}");
    }

    /// <summary>true or false, in any of Dapr's spellings.</summary>
    public bool Flag(string name, bool defaultValue) => Text(name)?.Trim().ToLowerInvariant() switch
    {
        null => defaultValue,
        "true" or "yes" or "y" or "t" or "1" or "on" => true,
        "false" or "no" or "n" or "f" or "0" or "off" => false,
        { } text => throw Wrong(name, text, "true or false"),
    };

    /// <summary>A duration such as 1m30s or 500ms; a bare number has the unit <paramref name="bareUnit"/>.</summary>
    public TimeSpan Duration(string name, TimeSpan defaultValue, TimeSpan bareUnit)
    {
        if (Text(name) is not { } text)
        {
            return defaultValue;
        }

        return GoDuration.TryParse(text, bareUnit, out var duration)
            ? duration
            : throw Wrong(name, text, "a duration such as 500ms, 5s or 1m30s");
    }

    /// <summary>One of a list of words, without regard to case.</summary>
    public string OneOf(string name, string defaultValue, params ReadOnlySpan<string> allowed)
    {
        if (Text(name) is not { } text)
        {
            return defaultValue;
        }

        foreach (var word in allowed)
        {
            if (string.Equals(word, text, StringComparison.OrdinalIgnoreCase))
            {
                return word;
            }
        }

        throw Wrong(name, text, "one of " + string.Join(", ", allowed.ToArray()));
    }

    /// <summary>The refusal of a value, for a component whose rule is none of the above.</summary>
    public SidecarStartException Wrong(string name, string value, string allowed) =>
        new($"{file}: component \"{component}\": {name} is \"{value}\"; allowed is {allowed}.");
}
