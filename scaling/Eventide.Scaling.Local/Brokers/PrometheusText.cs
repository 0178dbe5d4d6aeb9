using System.Globalization;
using System.Text.RegularExpressions;

namespace Eventide.Scaling.Local.Brokers;

/// <summary>Reads what a sidecar tells Prometheus.</summary>
internal static partial class PrometheusText
{
    /// <summary>Every value of a metric with its labels.</summary>
    public static IEnumerable<(IReadOnlyDictionary<string, string> Labels, double Value)> Values(string text, string metric) =>
        from line in Line().Matches(text)
        where line.Groups[1].Value == metric
        select ((IReadOnlyDictionary<string, string>)Label().Matches(line.Groups[2].Value).ToDictionary(label => label.Groups[1].Value, label => label.Groups[2].Value),
            double.Parse(line.Groups[3].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^(\w+)\{(.*)\} (\S+)\r?$", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex("""(\w+)="([^"]*)"(?:,|$)""")]
    private static partial Regex Label();
}
