using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>An instance as the store holds it.</summary>
internal sealed record StoredInstance(InstanceState State, IReadOnlyList<(int Row, HistoryEvent Event)> Inbox, int NextInboxRow, ulong Generation);
