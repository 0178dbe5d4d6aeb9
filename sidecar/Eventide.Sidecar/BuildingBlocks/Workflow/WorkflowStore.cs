using Eventide.Sidecar.Components.State;
using Eventide.Workflow.Protocol;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// Instances in the actor state store: history and inbox row by row, so that a turn writes only what it adds. Each call is one transaction. Thread-safe for
/// different instances; the engine calls it for one instance at a time.
/// </summary>
internal sealed class WorkflowStore(IStateStore store, WorkflowKeys keys)
{
    /// <summary>The ids of all instances that have not ended.</summary>
    public async IAsyncEnumerable<string> UnfinishedAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in store.ScanAsync(keys.Unfinished, cancellationToken))
        {
            yield return item.Key[keys.Unfinished.Length..];
        }
    }

    /// <summary>The ids of all instances.</summary>
    public async IAsyncEnumerable<string> AllAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in store.ScanAsync(keys.AllInstances, cancellationToken))
        {
            if (item.Key.EndsWith("||metadata", StringComparison.Ordinal))
            {
                yield return item.Key[keys.AllInstances.Length..^"||metadata".Length];
            }
        }
    }

    /// <summary>The instance, or null.</summary>
    public async Task<StoredInstance?> LoadAsync(string id, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(keys.Metadata(id), cancellationToken) is not { } row)
        {
            return null;
        }

        var metadata = WorkflowStateMetadata.Parser.ParseFrom(row.Value.Span);
        var (first, next) = ((int)metadata.FirstInboxRow, (int)(metadata.FirstInboxRow + metadata.InboxLength));
        var wanted = Enumerable.Range(0, (int)metadata.HistoryLength).Select(i => keys.History(id, i))
            .Concat(Enumerable.Range(first, next - first).Select(i => keys.Inbox(id, i)))
            .Append(keys.CustomStatus(id)).ToList();
        var items = await store.GetManyAsync(wanted, cancellationToken);
        var state = new InstanceState();
        for (var i = 0; i < (int)metadata.HistoryLength; i++)
        {
            state.Apply(HistoryEvent.Parser.ParseFrom(items[i]!.Value.Span));
        }

        state.CustomStatus = items[^1] is { } status ? StringValue.Parser.ParseFrom(status.Value.Span).Value : null;
        var inbox = new List<(int, HistoryEvent)>();
        for (var i = first; i < next; i++)
        {
            if (items[(int)metadata.HistoryLength + i - first] is { } item)
            {
                inbox.Add((i, HistoryEvent.Parser.ParseFrom(item.Value.Span)));
            }
        }

        return new StoredInstance(state, inbox, next, metadata.Generation);
    }

    /// <summary>Writes a new instance with its first events, over whatever a finished one of that id left.</summary>
    public async Task CreateAsync(string id, StoredInstance? previous, IReadOnlyList<HistoryEvent> inbox, CancellationToken cancellationToken)
    {
        var operations = new List<StateOperation>();
        if (previous is not null)
        {
            operations.AddRange(Rows(id, previous));
        }

        operations.Add(new StateSet(keys.UnfinishedInstance(id), "1"u8.ToArray()));
        operations.Add(Metadata(id, 0, 0, inbox.Count, (previous?.Generation ?? 0) + 1));
        operations.AddRange(inbox.Select((e, i) => new StateSet(keys.Inbox(id, i), e.ToByteArray())));
        await store.TransactAsync(operations, cancellationToken);
    }

    /// <summary>Adds one event to the inbox.</summary>
    public async Task AddToInboxAsync(
        string id, HistoryEvent e, int row, int firstRow, int historyLength, ulong generation, CancellationToken cancellationToken) =>
        await store.TransactAsync(
            [new StateSet(keys.Inbox(id, row), e.ToByteArray()), Metadata(id, historyLength, firstRow, row + 1 - firstRow, generation)], cancellationToken);

    /// <summary>Commits a turn: new history rows, consumed inbox rows, custom status, and the index when the instance ended.</summary>
    public async Task CommitTurnAsync(TurnCommit turn, CancellationToken cancellationToken)
    {
        var operations = new List<StateOperation>(turn.NewEvents.Count + turn.ConsumedRows.Count + 3);
        var length = turn.ReplacesHistory ? 0 : turn.HistoryLengthBefore;
        if (turn.ReplacesHistory)
        {
            operations.AddRange(Enumerable.Range(0, turn.HistoryLengthBefore).Select(i => new StateDelete(keys.History(turn.Id, i))));
        }

        operations.AddRange(turn.NewEvents.Select(e => new StateSet(keys.History(turn.Id, length++), e.ToByteArray())));
        operations.AddRange(turn.ConsumedRows.Select(row => new StateDelete(keys.Inbox(turn.Id, row))));
        operations.AddRange(turn.NewInbox.Select(entry => new StateSet(keys.Inbox(turn.Id, entry.Row), entry.Event.ToByteArray())));
        if (turn.CustomStatusChanged)
        {
            operations.Add(turn.CustomStatus is { } status
                ? new StateSet(keys.CustomStatus(turn.Id), new StringValue { Value = status }.ToByteArray())
                : new StateDelete(keys.CustomStatus(turn.Id)));
        }

        operations.Add(Metadata(turn.Id, length, turn.FirstInboxRow, turn.NextInboxRow - turn.FirstInboxRow, turn.Generation));
        if (turn.Ended)
        {
            operations.Add(new StateDelete(keys.UnfinishedInstance(turn.Id)));
        }

        await store.TransactAsync(operations, cancellationToken);
    }

    /// <summary>Removes every row of the instance.</summary>
    public async Task PurgeAsync(string id, StoredInstance instance, CancellationToken cancellationToken) =>
        await store.TransactAsync(
            [.. Rows(id, instance), new StateDelete(keys.Metadata(id)), new StateDelete(keys.UnfinishedInstance(id))], cancellationToken);

    private IEnumerable<StateOperation> Rows(string id, StoredInstance instance) =>
    [
        .. Enumerable.Range(0, instance.State.History.Count).Select(i => new StateDelete(keys.History(id, i))),
        .. instance.Inbox.Select(entry => new StateDelete(keys.Inbox(id, entry.Row))),
        new StateDelete(keys.CustomStatus(id)),
    ];

    private StateSet Metadata(string id, int historyLength, int firstInboxRow, int inboxLength, ulong generation) => new(keys.Metadata(id), new WorkflowStateMetadata
    {
        HistoryLength = (ulong)historyLength,
        InboxLength = (ulong)inboxLength,
        FirstInboxRow = (ulong)firstInboxRow,
        Generation = generation,
    }.ToByteArray());
}

/// <summary>What one turn changes in the store.</summary>
internal sealed record TurnCommit(
    string Id, int HistoryLengthBefore, bool ReplacesHistory, IReadOnlyList<HistoryEvent> NewEvents, IReadOnlyList<int> ConsumedRows,
    IReadOnlyList<(int Row, HistoryEvent Event)> NewInbox, int FirstInboxRow, int NextInboxRow, ulong Generation, bool CustomStatusChanged,
    string? CustomStatus, bool Ended);
