using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>Instances that are created together: their ids are taken, then they are stored in one transaction, then they live. Disposing it gives back what was not stored.</summary>
internal sealed class NewInstances(InstanceCreation creation) : IDisposable
{
    private readonly List<(InstanceCreation.Creation Creation, StoredInstance Instance)> _all = [];

    /// <summary>Takes the id; false when an active instance has it.</summary>
    public Task<bool> TryAddAsync(string id, HistoryEvent start, CancellationToken cancellationToken) =>
        TryAddAsync(id, previous => StoredInstance.New(start, previous), cancellationToken);

    /// <summary>Takes the id; false when an active instance has it.</summary>
    public async Task<bool> TryAddAsync(string id, Func<StoredInstance?, StoredInstance> make, CancellationToken cancellationToken)
    {
        // Two calls of one turn may name the same id; the first has it.
        if (_all.Exists(entry => entry.Creation.Id == id) || await creation.TryBeginAsync(id, cancellationToken) is not { } begun)
        {
            return false;
        }

        _all.Add((begun, make(begun.Previous)));
        return true;
    }

    /// <summary>What the transaction stores.</summary>
    public IReadOnlyList<(string Id, StoredInstance Instance, StoredInstance? Previous)> ToStore() =>
        _all.Select(entry => (entry.Creation.Id, entry.Instance, entry.Creation.Previous)).ToList();

    /// <summary>They are stored: their first turns start.</summary>
    public async Task FinishAsync()
    {
        foreach (var (begun, instance) in _all)
        {
            await creation.FinishAsync(begun, instance);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _all.ForEach(entry => entry.Creation.Dispose());
}
