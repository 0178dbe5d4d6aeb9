using System.Text;
using System.Text.RegularExpressions;
using Eventide.Charts.Tests.Support;

namespace Eventide.Charts.Tests;

/// <summary>The values table of the chart's README is made from the comments of values.yaml.</summary>
public sealed partial class ReadmeTests
{
    private const string Begin = "<!-- values: made from the comments of values.yaml by make chart -->\n";
    private const string End = "<!-- end of values -->\n";

    private static string Values => File.ReadAllText(Path.Combine(Repository.Chart, "values.yaml"));

    [Fact]
    public void The_table_says_what_the_comments_say()
    {
        var file = Path.Combine(Repository.Chart, "README.md");
        var readme = File.ReadAllText(file);
        var (begin, end) = (readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, readme.IndexOf(End, StringComparison.Ordinal));
        var table = new StringBuilder("\n| value | default | what |\n|---|---|---|\n");
        foreach (var (path, value, comment) in Documented())
        {
            table.Append($"| `{path}` | {(value.Length == 0 ? "see values.yaml" : $"`{value.Replace("|", "\\|", StringComparison.Ordinal)}`")} | {comment.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }

        Derived.Check(file, $"{readme[..begin]}{table.Append('\n')}{readme[end..]}");
    }

    [Fact]
    public void Every_value_is_documented()
    {
        var documented = Documented().Select(row => row.Path).ToHashSet(StringComparer.Ordinal);

        // A section needs no comment of its own; what is in a documented value is documented with it.
        var keys = Keys().Select(key => key.Path).ToList();
        var leaves = keys.Where(path => !keys.Any(other => other.StartsWith($"{path}.", StringComparison.Ordinal)) && !path.StartsWith("services.", StringComparison.Ordinal));
        Assert.All(leaves, path => Assert.True(Parents(path).Any(documented.Contains), $"{path} has no comment that begins with \"# --\"."));
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (var current = path; current.Length > 0; current = current[..Math.Max(0, current.LastIndexOf('.'))])
        {
            yield return current;
        }
    }

    private static IEnumerable<(string Path, string Value, string Comment)> Documented() => Keys().Where(key => key.Comment is not null).Select(key => (key.Path, key.Value, key.Comment!));

    private static IEnumerable<(string Path, string Value, string? Comment)> Keys()
    {
        var parents = new Stack<(int Indent, string Path)>();
        string? comment = null;
        foreach (var line in Values.Split('\n'))
        {
            if (line.TrimStart() is ['#', ' ', '-', '-', ' ', .. var text])
            {
                comment = text;
            }
            else if (Key().Match(line) is { Success: true } match)
            {
                var indent = match.Groups["indent"].Length;
                while (parents.Count > 0 && parents.Peek().Indent >= indent)
                {
                    parents.Pop();
                }

                var path = parents.Count == 0 ? match.Groups["key"].Value : $"{parents.Peek().Path}.{match.Groups["key"].Value}";
                parents.Push((indent, path));
                yield return (path, match.Groups["value"].Value.Trim(), comment);
                comment = null;
            }
        }
    }

    [GeneratedRegex("^(?<indent> *)(?<key>[A-Za-z0-9_-]+):(?<value>.*)$")]
    private static partial Regex Key();
}
