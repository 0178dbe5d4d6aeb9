using Eventide.Brokers.Tests.Tables;

namespace Eventide.Sidecar.Tests.State;

/// <content>Keeps the results for the table of the stores in docs/brokers.md.</content>
public abstract partial class StoreUnderTest
{
    /// <summary>The name of the stores' table in docs/brokers.md.</summary>
    public const string Table = "state";

    private MatrixColumn<StoreBehaviour>? _results;

    partial void Noted(StoreBehaviour behaviour, TestResult result) => (_results ??= new(Table, Name, Differences)).Add(behaviour, result);

    partial void Finished()
    {
        // What has no test with this store is stated all the same.
        foreach (var behaviour in _results is null ? [] : Differences.Keys)
        {
            Noted(behaviour, TestResult.Skipped);
        }

        _results?.Save();
    }
}
