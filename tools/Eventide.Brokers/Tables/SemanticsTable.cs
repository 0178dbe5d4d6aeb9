using System.Text;

namespace Eventide.Brokers.Tables;

/// <summary>
/// A table of docs/brokers.md that tests fill: a row per behaviour, a column per broker or store. It stands in the document between
/// <c>&lt;!-- table:NAME --&gt;</c> and <c>&lt;!-- /table --&gt;</c>.
/// </summary>
internal sealed class SemanticsTable
{
    private const string End = "<!-- /table -->";
    private readonly List<string> _rows = [];
    private readonly List<string> _columns = [];
    private readonly Dictionary<(string Row, string Column), string> _cells = [];

    /// <summary>The behaviours, from top to bottom.</summary>
    public IReadOnlyList<string> Rows => _rows;

    /// <summary>The brokers or stores, from left to right.</summary>
    public IReadOnlyList<string> Columns => _columns;

    /// <summary>What a cell says; a cell that nobody filled says "not tested".</summary>
    public string this[string row, string column] => _cells.GetValueOrDefault((row, column), SemanticsColumn.NotTested);

    /// <summary>Reads the table from the document; an empty one when there is none of that name.</summary>
    public static SemanticsTable Read(string document, string name)
    {
        var table = new SemanticsTable();
        if (Find(document, name) is not { } place)
        {
            return table;
        }

        var lines = document[place].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => line.StartsWith('|')).ToList();
        if (lines.Count > 0)
        {
            table._columns.AddRange(Cells(lines[0])[1..]);
        }

        foreach (var line in lines.Skip(2))
        {
            var cells = Cells(line);
            table._rows.Add(cells[0]);
            for (var column = 1; column < cells.Length; column++)
            {
                table._cells[(cells[0], table._columns[column - 1])] = cells[column];
            }
        }

        return table;
    }

    /// <summary>Takes over a column; its rows become the table's rows. Columns keep their places, a new one comes last.</summary>
    public void Put(SemanticsColumn column)
    {
        _rows.Clear();
        _rows.AddRange(column.Rows.Select(row => row.Title));
        if (!_columns.Contains(column.Name))
        {
            _columns.Add(column.Name);
        }

        foreach (var (title, outcome) in column.Rows)
        {
            _cells[(title, column.Name)] = outcome;
        }
    }

    /// <summary>The document with this table in its place. Throws when the document has no place for it.</summary>
    public string WriteInto(string document, string name)
    {
        var place = Find(document, name) ?? throw new InvalidOperationException(
            $"The document has no place for the table {name}: add the lines {Begin(name)} and {End} where it belongs.");
        var text = new StringBuilder("\n\n");
        text.Append("| |").AppendJoin('|', _columns.Select(column => $" {column} ")).Append("|\n");
        text.Append("|---|").AppendJoin('|', _columns.Select(_ => "---")).Append("|\n");
        foreach (var row in _rows)
        {
            text.Append($"| {row} |").AppendJoin('|', _columns.Select(column => $" {this[row, column]} ")).Append("|\n");
        }

        return string.Concat(document[..place.Start.Value], text.Append('\n').ToString(), document[place.End.Value..]);
    }

    private static string Begin(string name) => $"<!-- table:{name} -->";

    private static Range? Find(string document, string name)
    {
        var begin = document.IndexOf(Begin(name), StringComparison.Ordinal);
        var end = begin < 0 ? -1 : document.IndexOf(End, begin, StringComparison.Ordinal);
        return end < 0 ? null : (begin + Begin(name).Length)..end;
    }

    private static string[] Cells(string line) => [.. line.Trim('|').Split('|').Select(cell => cell.Trim())];
}
