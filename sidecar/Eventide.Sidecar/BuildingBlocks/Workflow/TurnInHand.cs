using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// A turn that a worker has now. What is committed later is exactly what the worker saw: the same clock, the same events. A replay that saw others would decide otherwise.
/// </summary>
/// <param name="Token">Names this turn and no other: an answer to an earlier turn, of a worker that was slow or lost, is not one to this.</param>
/// <param name="Started">Begins the turn; its time is the workflow's clock.</param>
/// <param name="Events">The new events of the request, after <paramref name="Started"/>.</param>
/// <param name="ConsumedRows">Inbox rows that the commit removes.</param>
internal sealed record TurnInHand(string Token, HistoryEvent Started, IReadOnlyList<HistoryEvent> Events, IReadOnlyList<int> ConsumedRows);
