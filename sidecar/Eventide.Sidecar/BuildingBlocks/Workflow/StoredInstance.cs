using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>An instance as the store holds it.</summary>
/// <param name="State">The committed history and what follows from it.</param>
/// <param name="Inbox">Events that no turn has taken, with the numbers of their rows.</param>
/// <param name="NextInboxRow">The row of the next event.</param>
/// <param name="Generation">Counts the executions of the instance.</param>
/// <param name="RetainedUntil">Until when an ended instance is kept; null while it runs.</param>
internal sealed record StoredInstance(
    InstanceState State, IReadOnlyList<(int Row, HistoryEvent Event)> Inbox, int NextInboxRow, ulong Generation, DateTimeOffset? RetainedUntil = null)
{
    /// <summary>An instance whose first turn is still to come, in place of one of the same id that has ended.</summary>
    public static StoredInstance New(HistoryEvent start, StoredInstance? previous) =>
        new(new InstanceState(), [(0, start)], 1, (previous?.Generation ?? 0) + 1);
}
