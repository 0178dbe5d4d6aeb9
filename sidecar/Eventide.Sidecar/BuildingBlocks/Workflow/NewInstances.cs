using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>The instances that one turn starts: their ids are taken, then they are stored with the turn, then they live. Disposing it gives back what was not stored.</summary>
internal sealed class NewInstances(InstanceCreation creation) : IDisposable
{
    private readonly List<(InstanceCreation.Creation Creation, HistoryEvent Start)> _all = [];

    /// <summary>Takes the id; false when an active instance has it.</summary>
    public async Task<bool> TryAddAsync(string id, HistoryEvent start, CancellationToken cancellationToken)
    {
        // Two calls of one turn may name the same id; the first has it.
        if (_all.Exists(entry => entry.Creation.Id == id) || await creation.TryBeginAsync(id, cancellationToken) is not { } begun)
        {
            return false;
        }

        _all.Add((begun, start));
        return true;
    }

    /// <summary>What the turn's transaction stores.</summary>
    public IReadOnlyList<(string Id, HistoryEvent Start, StoredInstance? Previous)> ToStore() =>
        _all.Select(entry => (entry.Creation.Id, entry.Start, entry.Creation.Previous)).ToList();

    /// <summary>They are stored: their first turns start.</summary>
    public async Task FinishAsync()
    {
        foreach (var (begun, start) in _all)
        {
            await creation.FinishAsync(begun, StoredInstance.New(start, begun.Previous));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _all.ForEach(entry => entry.Creation.Dispose());
}
