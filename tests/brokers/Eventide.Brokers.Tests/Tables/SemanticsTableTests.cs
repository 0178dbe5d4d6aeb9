using Eventide.Brokers.Tables;

namespace Eventide.Brokers.Tests.Tables;

/// <summary>From the results of tests to the table in the document.</summary>
public sealed class SemanticsTableTests : IDisposable
{
    private const string Document = "Before.\n\n<!-- table:pubsub -->\n<!-- /table -->\n\nAfter.\n";
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("eventide-tables-");

    public SemanticsTableTests()
    {
        _root.CreateSubdirectory("docs");
        File.WriteAllText(Path.Combine(_root.FullName, "docs", "brokers.md"), Document);
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Columns_keep_their_places_rows_follow_the_results_and_what_stands_around_stays()
    {
        Save("redis", ("order", "no: workers overtake"), ("delivery", "holds"));
        Assert.Equal(0, Write());
        Save("embedded", ("delivery", "holds"), ("order", "holds"));
        Assert.Equal(0, Write());

        Assert.Equal(
            "Before.\n\n<!-- table:pubsub -->\n\n| | redis | embedded |\n|---|---|---|\n| order | no: workers overtake | holds |\n| delivery | holds | holds |\n\n"
            + "<!-- /table -->\n\nAfter.\n",
            File.ReadAllText(Path.Combine(_root.FullName, "docs", "brokers.md")));
    }

    [Fact]
    public void What_a_run_did_not_test_stays_as_an_earlier_run_left_it()
    {
        Save("redis", ("delivery", "holds"), ("order", "holds"));
        Save("redis", ("delivery", "not tested"), ("order", "no: workers overtake"));
        Write();

        var table = SemanticsTable.Read(File.ReadAllText(Path.Combine(_root.FullName, "docs", "brokers.md")), "pubsub");
        Assert.Equal(("holds", "no: workers overtake", "not tested"), (table["delivery", "redis"], table["order", "redis"], table["order", "kafka"]));
    }

    [Fact]
    public void A_column_with_a_failed_test_does_not_get_into_the_document()
    {
        Save("redis", ("delivery", SemanticsColumn.Failed));
        var output = new StringWriter();

        Assert.Equal(1, TableCommand.Execute(_root.FullName, output));
        Assert.StartsWith("error: redis failed \"delivery\"", output.ToString());
        Assert.Equal(Document, File.ReadAllText(Path.Combine(_root.FullName, "docs", "brokers.md")));
    }

    private void Save(string column, params (string Title, string Outcome)[] rows) =>
        new SemanticsColumn(column, [.. rows.Select(row => new SemanticsRow(row.Title, row.Outcome))]).Save(_root.FullName, "pubsub");

    private int Write() => TableCommand.Execute(_root.FullName, TextWriter.Null);
}
