using Eventide.Brokers.Tables;
using Eventide.Brokers.Tests.PubSub;
using Eventide.Brokers.Tests.Support;
using Eventide.Sidecar.Tests.State;

namespace Eventide.Brokers.Tests.Tables;

/// <summary>docs/brokers.md says what the suites state.</summary>
/// <param name="table">The table's name.</param>
/// <param name="stated">What each suite states to be otherwise than the rows say.</param>
public abstract class CommittedTableTests<TBehaviour>(string table, IEnumerable<(string Name, IReadOnlyDictionary<TBehaviour, string> Differences)> stated)
    where TBehaviour : struct, Enum
{
    private readonly SemanticsTable _committed = SemanticsTable.Read(File.ReadAllText(Path.Combine(Repository.Root, "docs", "brokers.md")), table);
    private readonly Dictionary<string, IReadOnlyDictionary<TBehaviour, string>> _stated = stated.ToDictionary(suite => suite.Name, suite => suite.Differences);

    [Fact]
    public void The_rows_are_the_behaviours_of_the_contract() => Assert.Equal(Enum.GetValues<TBehaviour>().Select(MatrixColumn<TBehaviour>.Title), _committed.Rows);

    [Fact]
    public void No_column_is_for_one_that_has_no_suite() => Assert.Empty(_committed.Columns.Except(_stated.Keys));

    [Fact]
    public void Each_cell_holds_or_tells_the_stated_difference()
    {
        foreach (var (name, differences) in _stated)
        {
            foreach (var behaviour in Enum.GetValues<TBehaviour>())
            {
                var cell = _committed[MatrixColumn<TBehaviour>.Title(behaviour), name];
                Assert.True(
                    cell == SemanticsColumn.NotTested || cell == differences.GetValueOrDefault(behaviour, SemanticsColumn.Holds),
                    $"{name}, {behaviour}: the table says \"{cell}\"; run its tests again, then make docs");
            }
        }
    }

    /// <summary>One of each class that is an <typeparamref name="T"/>.</summary>
    private protected static IEnumerable<T> All<T>() => typeof(T).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(T)) && !type.IsAbstract)
        .Select(type => (T)Activator.CreateInstance(type)!);
}

/// <summary>The table of the brokers.</summary>
public sealed class PubSubTableTests() : CommittedTableTests<Behaviour>(BrokerUnderTest.Table, All<BrokerUnderTest>().Select(broker => (broker.Name, broker.Differences)));

/// <summary>The table of the stores.</summary>
public sealed class StateTableTests() : CommittedTableTests<StoreBehaviour>(StoreUnderTest.Table, All<StoreUnderTest>().Select(store => (store.Name, store.Differences)));
