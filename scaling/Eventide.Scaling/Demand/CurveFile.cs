using System.Globalization;

namespace Eventide.Scaling.Demand;

/// <summary>
/// A small data file of demand: lines that begin with # say what it is, where it is from and under which licence; then a header line; then 24 lines, hour by hour.
/// An empty field is filled in a straight line between its neighbours, because some sources name only some hours.
/// </summary>
public sealed class CurveFile
{
    private CurveFile(string name, IReadOnlyList<string> notes, IReadOnlyDictionary<string, DailyCurve> curves) => (Name, Notes, Curves) = (name, notes, curves);

    /// <summary>The file's name without its extension.</summary>
    public string Name { get; }

    /// <summary>What stands in its comments: source and licence.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>One curve per column.</summary>
    public IReadOnlyDictionary<string, DailyCurve> Curves { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">With file, line and what is wrong.</exception>
    public static CurveFile Read(string path) => Parse(Path.GetFileNameWithoutExtension(path), File.ReadAllLines(path));

    /// <summary>Reads lines.</summary>
    /// <exception cref="InvalidDataException">With name, line and what is wrong.</exception>
    public static CurveFile Parse(string name, IReadOnlyList<string> lines)
    {
        var notes = lines.Where(line => line.StartsWith('#')).Select(line => line.TrimStart('#', ' ')).ToList();
        if (notes.Count == 0)
        {
            throw new InvalidDataException($"{name}: the first lines must name the source and the licence, each after a #.");
        }

        var rows = lines.Index().Where(line => line.Item.Length > 0 && !line.Item.StartsWith('#')).ToList();
        if (rows.Count != 25)
        {
            throw new InvalidDataException($"{name}: a header and 24 hours are needed, there are {rows.Count} lines.");
        }

        var columns = rows[0].Item.Split(',', StringSplitOptions.TrimEntries);
        var values = new double?[columns.Length, 24];
        foreach (var (index, (line, text)) in rows.Skip(1).Index())
        {
            var fields = text.Split(',', StringSplitOptions.TrimEntries);
            if (fields.Length != columns.Length || fields[0] != index.ToString(CultureInfo.InvariantCulture))
            {
                throw new InvalidDataException($"{name}, line {line + 1}: hour {index} and {columns.Length - 1} values are expected, it reads \"{text}\".");
            }

            for (var column = 1; column < columns.Length; column++)
            {
                values[column, index] = Number(name, line + 1, fields[column]);
            }
        }

        return new CurveFile(name, notes, Enumerable.Range(1, columns.Length - 1).ToDictionary(column => columns[column], column => Curve(name, columns[column], values, column)));
    }

    private static double? Number(string name, int line, string field)
    {
        if (field.Length == 0)
        {
            return null;
        }

        return double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number
            : throw new InvalidDataException($"{name}, line {line}: \"{field}\" is not a number of at least 0.");
    }

    private static DailyCurve Curve(string name, string column, double?[,] values, int index)
    {
        var known = Enumerable.Range(0, 24).Where(hour => values[index, hour] is not null).ToList();
        if (known.Count < 2)
        {
            throw new InvalidDataException($"{name}: column {column} names fewer than two hours.");
        }

        return new DailyCurve([.. Enumerable.Range(0, 24).Select(hour =>
        {
            var before = known.LastOrDefault(other => other <= hour, known[^1] - 24);
            var after = known.FirstOrDefault(other => other >= hour, known[0] + 24);
            var (low, high) = (values[index, (before + 24) % 24]!.Value, values[index, after % 24]!.Value);
            return before == after ? low : low + ((high - low) * (hour - before) / (after - before));
        })]);
    }
}
