using System.Text.RegularExpressions;

namespace Eventide.Charts.Tests.Support;

/// <summary>Reads metric names out of PromQL.</summary>
internal static partial class PromQl
{
    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "sum", "max", "min", "avg", "count", "rate", "increase", "histogram_quantile", "by", "without", "on", "unless", "and", "or", "offset",
    };

    /// <summary>Every name in an expression that is neither a word of the language, nor a label, nor a duration.</summary>
    public static IEnumerable<string> Metrics(string expression)
    {
        var bare = Strings().Replace(expression, "");
        bare = Selectors().Replace(bare, " ");
        bare = Groupings().Replace(bare, " ");
        bare = Durations().Replace(bare, " ");
        return Names().Matches(bare).Select(match => match.Value).Where(name => !Words.Contains(name)).Distinct();
    }

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Strings();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Selectors();

    [GeneratedRegex(@"\b(by|without|on)\s*\([^)]*\)")]
    private static partial Regex Groupings();

    [GeneratedRegex(@"\[[^\]]*\]|\boffset\s+\w+")]
    private static partial Regex Durations();

    [GeneratedRegex(@"[a-zA-Z_:][a-zA-Z0-9_:]*")]
    private static partial Regex Names();
}
