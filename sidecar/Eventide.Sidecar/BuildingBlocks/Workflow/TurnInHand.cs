using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// A turn that a worker has now. What is committed later is exactly what the worker saw: the same clock, the same events. A replay that saw others would decide otherwise.
/// </summary>
/// <param name="Token">Names this turn and no other: an answer to an earlier turn, of a worker that was slow or lost, is not one to this.</param>
/// <param name="Started">Begins the turn; its time is the workflow's clock.</param>
/// <param name="Taken">What the turn took from the inbox.</param>
/// <param name="Events">Those of the taken events that still mean something: the new events of the request, after <paramref name="Started"/>.</param>
internal sealed record TurnInHand(
    string Token, HistoryEvent Started, IReadOnlyList<(int Row, HistoryEvent Event)> Taken, IReadOnlyList<HistoryEvent> Events)
{
    /// <summary>Inbox rows that the commit removes.</summary>
    public IReadOnlyList<int> ConsumedRows => Taken.Where(entry => entry.Row >= 0).Select(entry => entry.Row).ToList();

    /// <summary>The termination among the events; null when there is none.</summary>
    public ExecutionTerminatedEvent? Termination => Events.FirstOrDefault(e => e.ExecutionTerminated is not null)?.ExecutionTerminated;

    /// <summary>Whether an instance is suspended after these events, if it was <paramref name="before"/>.</summary>
    public bool IsSuspendedAfter(bool before) =>
        Events.LastOrDefault(e => e.ExecutionSuspended is not null || e.ExecutionResumed is not null) is { } last ? last.ExecutionSuspended is not null : before;
}
