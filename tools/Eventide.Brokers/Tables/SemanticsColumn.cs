using System.Text.Encodings.Web;
using System.Text.Json;

namespace Eventide.Brokers.Tables;

/// <summary>What the tests of one broker or store found, as they leave it in artifacts/tests/semantics/TABLE for the document.</summary>
/// <param name="Name">The column's heading.</param>
/// <param name="Rows">Every row of the table, in its order, with what the cell says.</param>
internal sealed record SemanticsColumn(string Name, IReadOnlyList<SemanticsRow> Rows)
{
    /// <summary>The behaviour is as the row says.</summary>
    public const string Holds = "holds";

    /// <summary>No test of it ran.</summary>
    public const string NotTested = "not tested";

    /// <summary>A test of it failed; such a column does not get into the document.</summary>
    public const string Failed = "FAILED";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Where the results of a table lie, from the repository's root.</summary>
    public static string Folder(string root, string table) => Path.Combine(root, "artifacts", "tests", "semantics", table);

    /// <summary>Reads every column that the tests have left for a table, in the order of their names.</summary>
    public static IEnumerable<SemanticsColumn> ReadAll(string root, string table) => !Directory.Exists(Folder(root, table))
        ? []
        : Directory.EnumerateFiles(Folder(root, table), "*.json").Order(StringComparer.Ordinal)
            .Select(file => JsonSerializer.Deserialize<SemanticsColumn>(File.ReadAllText(file), Json)!);

    /// <summary>Keeps it. A row that this run did not test stays as an earlier run left it.</summary>
    public void Save(string root, string table)
    {
        var folder = Directory.CreateDirectory(Folder(root, table)).FullName;
        var file = Path.Combine(folder, $"{Name.Replace(' ', '-')}.json");
        var before = File.Exists(file) ? JsonSerializer.Deserialize<SemanticsColumn>(File.ReadAllText(file), Json)!.Rows : [];
        var merged = this with
        {
            Rows = [.. Rows.Select(row => row.Outcome != NotTested ? row : before.FirstOrDefault(earlier => earlier.Title == row.Title) ?? row)],
        };
        File.WriteAllText(file, JsonSerializer.Serialize(merged, Json));
    }
}

/// <summary>One cell with the row that it belongs to.</summary>
internal sealed record SemanticsRow(string Title, string Outcome);
