using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>What one turn changes in the store, all of it or nothing.</summary>
internal sealed record TurnCommit
{
    public required string Id { get; init; }

    /// <summary>How many history rows there are before the turn.</summary>
    public required int HistoryLength { get; init; }

    /// <summary>The execution ends by continuing as new: its history goes.</summary>
    public bool ReplacesHistory { get; init; }

    public IReadOnlyList<HistoryEvent> NewEvents { get; init; } = [];

    public IReadOnlyList<int> ConsumedRows { get; init; } = [];

    public IReadOnlyList<(int Row, HistoryEvent Event)> NewInbox { get; init; } = [];

    public required int FirstInboxRow { get; init; }

    public required int NextInboxRow { get; init; }

    public required ulong Generation { get; init; }

    /// <summary>The new custom status; null leaves it as it is.</summary>
    public string? CustomStatus { get; init; }

    /// <summary>Set when the turn ended the instance: until when it is kept.</summary>
    public DateTimeOffset? RetainedUntil { get; init; }

    /// <summary>Instances that the turn starts, each with the ended one whose id it takes.</summary>
    public IReadOnlyList<(string Id, StoredInstance Instance, StoredInstance? Previous)> NewInstances { get; init; } = [];

    /// <summary>Events for other instances, with their keys.</summary>
    public IReadOnlyList<(string Key, OutgoingEvent Event)> Outgoing { get; init; } = [];
}
