using System.Reflection;
using Eventide.Brokers.Tables;
using Eventide.Brokers.Tests.Support;

namespace Eventide.Brokers.Tests.PubSub;

/// <summary>The outcomes of one broker's tests, kept for the table in docs/brokers.md. Thread-safe.</summary>
internal sealed class MatrixColumn(string broker, IReadOnlyDictionary<Behaviour, string> differences)
{
    /// <summary>The table's name.</summary>
    public const string Table = "pubsub";

    private readonly Lock _lock = new();
    private readonly Dictionary<Behaviour, string> _outcomes = [];

    /// <summary>How the table words a behaviour.</summary>
    public static string Title(Behaviour behaviour) => typeof(Behaviour).GetField(behaviour.ToString())!.GetCustomAttribute<RowAttribute>()!.Title;

    /// <summary>Notes the outcome of a test; of several tests of one behaviour a failure wins.</summary>
    public void Add(Behaviour behaviour, TestResult result)
    {
        lock (_lock)
        {
            var outcome = result switch
            {
                TestResult.Failed => SemanticsColumn.Failed,
                TestResult.Skipped when !differences.ContainsKey(behaviour) => SemanticsColumn.NotTested,
                _ => differences.GetValueOrDefault(behaviour) ?? SemanticsColumn.Holds,
            };
            if (_outcomes.GetValueOrDefault(behaviour) != SemanticsColumn.Failed)
            {
                _outcomes[behaviour] = outcome;
            }
        }
    }

    /// <summary>Writes them, if there are any.</summary>
    public void Save()
    {
        lock (_lock)
        {
            if (_outcomes.Count > 0)
            {
                new SemanticsColumn(
                    broker,
                    [.. Enum.GetValues<Behaviour>().Select(row => new SemanticsRow(Title(row), _outcomes.GetValueOrDefault(row, SemanticsColumn.NotTested)))])
                    .Save(Repository.Root, Table);
            }
        }
    }
}
