using Eventide.Brokers.Tables;
using Eventide.Brokers.Tests.PubSub;
using Eventide.Brokers.Tests.Support;

namespace Eventide.Brokers.Tests.Tables;

/// <summary>docs/brokers.md says what the suites state.</summary>
public sealed class CommittedTableTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "brokers.md"));

    public static TheoryData<string> Brokers => [.. Stated().Keys];

    [Fact]
    public void The_rows_are_the_behaviours_of_the_contract() =>
        Assert.Equal(Enum.GetValues<Behaviour>().Select(MatrixColumn.Title), SemanticsTable.Read(Document, MatrixColumn.Table).Rows);

    [Fact]
    public void No_column_is_for_a_broker_that_has_no_suite() =>
        Assert.Empty(SemanticsTable.Read(Document, MatrixColumn.Table).Columns.Except(Stated().Keys));

    [Theory]
    [MemberData(nameof(Brokers))]
    public void Each_cell_holds_or_tells_the_stated_difference(string broker)
    {
        var table = SemanticsTable.Read(Document, MatrixColumn.Table);
        var differences = Stated()[broker];
        foreach (var behaviour in Enum.GetValues<Behaviour>())
        {
            var cell = table[MatrixColumn.Title(behaviour), broker];
            Assert.True(
                cell == SemanticsColumn.NotTested || cell == differences.GetValueOrDefault(behaviour, SemanticsColumn.Holds),
                $"{broker}, {behaviour}: the table says \"{cell}\"; run the tests of this broker, then make docs");
        }
    }

    private static Dictionary<string, IReadOnlyDictionary<Behaviour, string>> Stated() => typeof(BrokerUnderTest).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(BrokerUnderTest)) && !type.IsAbstract)
        .Select(type => (BrokerUnderTest)Activator.CreateInstance(type)!)
        .ToDictionary(broker => broker.Name, broker => broker.Differences);
}
