using System.Reflection;
using Eventide.Brokers.Tables;
using Eventide.Brokers.Tests.Support;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Brokers.Tests.Tables;

/// <summary>The outcomes of one broker's or store's tests, kept for its table in docs/brokers.md. Thread-safe.</summary>
/// <param name="table">The table's name.</param>
/// <param name="name">The column's heading.</param>
/// <param name="differences">What it does otherwise than a row says.</param>
internal sealed class MatrixColumn<TBehaviour>(string table, string name, IReadOnlyDictionary<TBehaviour, string> differences) where TBehaviour : struct, Enum
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TBehaviour, string> _outcomes = [];

    /// <summary>How the table words a behaviour.</summary>
    public static string Title(TBehaviour behaviour) => typeof(TBehaviour).GetField(behaviour.ToString())!.GetCustomAttribute<RowAttribute>()!.Title;

    /// <summary>Notes the outcome of a test; of several tests of one behaviour a failure wins.</summary>
    public void Add(TBehaviour behaviour, TestResult result)
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
                    name,
                    [.. Enum.GetValues<TBehaviour>().Select(row => new SemanticsRow(Title(row), _outcomes.GetValueOrDefault(row, SemanticsColumn.NotTested)))])
                    .Save(Repository.Root, table);
            }
        }
    }
}
