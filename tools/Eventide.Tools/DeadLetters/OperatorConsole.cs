using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace Eventide.Tools.DeadLetters;

/// <summary>
/// Where an operator reads and answers: tables on a terminal, plain columns that nothing wraps where a file or another program reads. What comes from messages
/// cannot move the cursor or change colours.
/// </summary>
/// <param name="answers">Null when nobody can be asked.</param>
internal sealed class OperatorConsole(IAnsiConsole terminal, TextWriter plain, TextWriter questions, TextReader? answers)
{
    private const string ColumnGap = "  ";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>This process's own.</summary>
    public static OperatorConsole Standard { get; } =
        new(AnsiConsole.Console, Console.Out, Console.Error, Console.IsInputRedirected ? null : Console.In);

    /// <summary>Whether a person looks on.</summary>
    public bool IsTerminal => terminal.Profile.Out.IsTerminal;

    public void Line(string text) => plain.WriteLine(Printable(text));

    /// <summary>Several lines as they are.</summary>
    public void Text(string text) => plain.WriteLine(Printable(text, keepLines: true));

    public void WriteJson<T>(T document) => plain.WriteLine(JsonSerializer.Serialize(document, Json));

    /// <summary>A table; cells may have several lines on a terminal.</summary>
    public void Table(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var cells = rows.Select(row => row.Select(cell => Printable(cell, keepLines: IsTerminal)).ToList()).ToList();
        if (IsTerminal)
        {
            var table = new Table().Border(TableBorder.Rounded).AddColumns([.. columns.Select(column => new TableColumn(Markup.Escape(column)))]);
            foreach (var row in cells)
            {
                table.AddRow([.. row.Select(Markup.Escape)]);
            }

            terminal.Write(table);
            return;
        }

        var widths = columns.Select((column, index) => cells.Select(row => row[index].Length).Append(column.Length).Max()).ToList();
        foreach (var row in cells.Prepend([.. columns]))
        {
            plain.WriteLine(string.Join(ColumnGap, row.Select((cell, index) => cell.PadRight(widths[index]))).TrimEnd());
        }
    }

    /// <summary>Asks before something that cannot be taken back.</summary>
    /// <exception cref="ToolException">Nobody can be asked.</exception>
    public async Task<bool> ConfirmAsync(string question, CancellationToken cancellationToken)
    {
        if (answers is null)
        {
            throw new ToolException($"{Printable(question)} Nobody can answer here; say --yes to go on.");
        }

        await questions.WriteAsync($"{Printable(question)} [y/N] ");
        await questions.FlushAsync(cancellationToken);
        return (await answers.ReadLineAsync(cancellationToken))?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    /// <summary>A time as it is shown.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Printable(string text, bool keepLines = false)
    {
        var printable = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            printable.Append(c switch
            {
                '\n' or '\t' when keepLines => c,
                '\n' or '\t' or '\r' => ' ',
                _ when char.IsControl(c) => '\uFFFD',
                _ => c,
            });
        }

        return printable.ToString();
    }
}
