namespace Eventide.Sidecar.Cli.Daprd;

/// <summary>One flag of daprd (Dapr: cmd/daprd/options/options.go).</summary>
/// <param name="Name">Without dashes.</param>
/// <param name="Help">What it sets, for --help; empty for one that has no effect.</param>
/// <param name="IsSwitch">It may stand alone, which means true.</param>
/// <param name="Apply">Takes the value; null when the flag is accepted so that daprd's command lines work, and has no effect here.</param>
internal sealed record Flag(string Name, string Help, bool IsSwitch, Action<DaprdSettings, FlagValue>? Apply);

/// <summary>The value of a flag; each reading throws <see cref="FlagException"/> with the sentence for the user.</summary>
internal sealed record FlagValue(string Flag, string Text)
{
    /// <summary>true or false, as Go spells them.</summary>
    public bool Switch() => Text.ToLowerInvariant() switch
    {
        "true" or "1" or "t" => true,
        "false" or "0" or "f" => false,
        _ => throw Wrong("true or false"),
    };

    /// <summary>A port; an empty value or 0 is none given.</summary>
    public int? Port() => Text.Length == 0 ? null
        : int.TryParse(Text, out var port) && port is >= 0 and <= 65535 ? (port == 0 ? null : port) : throw Wrong("a port from 1 to 65535");

    /// <summary>A whole number.</summary>
    public int Number() => int.TryParse(Text, out var number) ? number : throw Wrong("a whole number");

    /// <summary>Bytes, in the notation of Kubernetes: 4Mi, 8M, 65536. 0 is no limit.</summary>
    public long Quantity()
    {
        var unit = Array.Find(Units, unit => Text.EndsWith(unit.Suffix, StringComparison.Ordinal));
        var digits = unit.Suffix is null ? Text : Text[..^unit.Suffix.Length];
        return long.TryParse(digits, out var number) && number >= 0 ? number * Math.Max(1, unit.Factor) : throw Wrong("a number of bytes such as 4Mi");
    }

    /// <summary>One of the words.</summary>
    public string OneOf(params string[] words) => Array.Find(words, word => word == Text.ToLowerInvariant()) ?? throw Wrong(string.Join(", ", words));

    /// <summary>The parts of a comma-separated list.</summary>
    public IEnumerable<string> List() => Text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static readonly (string Suffix, long Factor)[] Units =
        [("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000)];

    private FlagException Wrong(string allowed) => new($"--{Flag} is \"{Text}\"; allowed: {allowed}.");
}

/// <summary>The command line is wrong; the message is for the user.</summary>
internal sealed class FlagException(string message) : Exception(message);
