namespace Eventide.Brokers.Tables;

/// <summary><c>table</c>: writes what the tests found into docs/brokers.md.</summary>
internal static class TableCommand
{
    /// <summary>The tables of the document, and the folders that the tests leave their results in.</summary>
    public static readonly IReadOnlyList<string> Names = ["pubsub", "state"];

    /// <summary>Writes the document anew; answers the exit code. A table with a failed test in it stays as it is.</summary>
    public static int Execute(string root, TextWriter output)
    {
        var file = Path.Combine(root, "docs", "brokers.md");
        var document = File.ReadAllText(file);
        var exitCode = 0;
        foreach (var name in Names)
        {
            var table = SemanticsTable.Read(document, name);
            var columns = SemanticsColumn.ReadAll(root, name).ToList();
            if (columns.SelectMany(column => column.Rows.Select(row => (column.Name, row))).FirstOrDefault(cell => cell.row.Outcome == SemanticsColumn.Failed) is
                { row: { } failed } cell)
            {
                output.WriteLine($"error: {cell.Name} failed \"{failed.Title}\"; run its tests again, and this command when they pass.");
                exitCode = 1;
                continue;
            }

            foreach (var column in columns)
            {
                table.Put(column);
                output.WriteLine($"{name}: {column.Name}, {column.Rows.Count} rows");
            }

            if (columns.Count == 0)
            {
                output.WriteLine($"{name}: no results in {SemanticsColumn.Folder(root, name)}; its table stays as it is. make test leaves them there.");
                continue;
            }

            document = table.WriteInto(document, name);
        }

        File.WriteAllText(file, document);
        return exitCode;
    }
}
