using System.Text.Json;
using Eventide.Brokers.Tests.Support;

namespace Eventide.Brokers.Tests.PubSub;

/// <summary>The outcomes of one broker's tests, kept in artifacts/tests/brokers for the table in docs/brokers.md. Thread-safe.</summary>
internal sealed class MatrixColumn(string broker, IReadOnlyDictionary<Behaviour, string> differences)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Cell> _cells = new(StringComparer.Ordinal);

    /// <summary>Notes the outcome of a test; of several tests of one behaviour a failure wins.</summary>
    public void Add(Behaviour behaviour, TestResult result)
    {
        lock (_lock)
        {
            var outcome = result switch
            {
                TestResult.Failed => "failed",
                TestResult.Skipped when !differences.ContainsKey(behaviour) => "not tested",
                _ => differences.GetValueOrDefault(behaviour) ?? "holds",
            };
            if (!_cells.TryGetValue(behaviour.ToString(), out var before) || before.Outcome != "failed")
            {
                _cells[behaviour.ToString()] = new Cell(outcome);
            }
        }
    }

    /// <summary>Writes them; what this run did not test stays as an earlier run left it.</summary>
    public void Save()
    {
        lock (_lock)
        {
            if (_cells.Count == 0)
            {
                return;
            }

            var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "tests", "brokers")).FullName;
            var file = Path.Combine(folder, $"{broker}.json");
            var cells = File.Exists(file) ? JsonSerializer.Deserialize<SortedDictionary<string, Cell>>(File.ReadAllText(file))! : [];
            foreach (var (behaviour, cell) in _cells)
            {
                cells[behaviour] = cell;
            }

            File.WriteAllText(file, JsonSerializer.Serialize(cells, JsonSerializerOptions.Web));
        }
    }

    private sealed record Cell(string Outcome);
}
