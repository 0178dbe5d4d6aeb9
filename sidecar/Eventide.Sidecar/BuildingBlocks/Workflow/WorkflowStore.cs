using System.Runtime.CompilerServices;
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
    public async IAsyncEnumerable<string> UnfinishedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in store.ScanAsync(keys.Unfinished, cancellationToken))
        {
            yield return item.Key[keys.Unfinished.Length..];
        }
    }

    /// <summary>The instances that have ended, those first that are kept the shortest.</summary>
    public async IAsyncEnumerable<(string Id, DateTimeOffset Until)> EndedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in store.ScanAsync(keys.Ended, cancellationToken))
        {
            yield return keys.ParseEnded(item.Key);
        }
    }

    /// <summary>The events on their way to other instances, in the order in which they were sent.</summary>
    public async IAsyncEnumerable<(string Key, OutgoingEvent Event)> OutgoingAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in store.ScanAsync(keys.Outgoing, cancellationToken))
        {
            yield return (item.Key, OutgoingEvent.Parser.ParseFrom(item.Value.Span));
        }
    }

    /// <summary>A key for one more event on its way.</summary>
    public string NewOutgoingKey() => keys.NewOutgoing();

    /// <summary>Whether the event is still on its way.</summary>
    public async Task<bool> IsOutgoingAsync(string key, CancellationToken cancellationToken) => await store.GetAsync(key, cancellationToken) is not null;

    /// <summary>Removes an event that nobody takes.</summary>
    public async Task DropOutgoingAsync(string key, CancellationToken cancellationToken) => await store.DeleteAsync(new StateDelete(key), cancellationToken);

    /// <summary>The instance, or null.</summary>
    public async Task<StoredInstance?> LoadAsync(string id, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(keys.Metadata(id), cancellationToken) is not { } row)
        {
            return null;
        }

        var metadata = WorkflowStateMetadata.Parser.ParseFrom(row.Value.Span);
        var (length, first, count) = ((int)metadata.HistoryLength, (int)metadata.FirstInboxRow, (int)metadata.InboxLength);
        var items = await store.GetManyAsync(
            [
                .. Enumerable.Range(0, length).Select(i => keys.History(id, i)),
                .. Enumerable.Range(first, count).Select(i => keys.Inbox(id, i)),
                keys.CustomStatus(id),
            ],
            cancellationToken);
        var state = new InstanceState();
        foreach (var item in items.Take(length))
        {
            state.Apply(HistoryEvent.Parser.ParseFrom(item!.Value.Span));
        }

        state.CustomStatus = items[^1] is { } status ? StringValue.Parser.ParseFrom(status.Value.Span).Value : null;
        var inbox = new List<(int, HistoryEvent)>();
        for (var i = 0; i < count; i++)
        {
            // A row that a turn has taken leaves a gap between its neighbours.
            if (items[length + i] is { } item)
            {
                inbox.Add((first + i, HistoryEvent.Parser.ParseFrom(item.Value.Span)));
            }
        }

        return new StoredInstance(
            state, inbox, first + count, metadata.Generation,
            metadata.HasRetainedUntil ? new DateTimeOffset(metadata.RetainedUntil, TimeSpan.Zero) : null);
    }

    /// <summary>Writes new instances with the history that one may take over and their first events, each in place of what an ended one of its id left.</summary>
    public async Task CreateAsync(
        IEnumerable<(string Id, StoredInstance Instance, StoredInstance? Previous)> instances, CancellationToken cancellationToken)
    {
        var operations = new List<StateOperation>();
        foreach (var (id, instance, previous) in instances)
        {
            Create(operations, id, instance, previous);
        }

        await store.TransactAsync(operations, cancellationToken);
    }

    /// <summary>Adds one event to the inbox. With <paramref name="outgoingKey"/> it is the event under that key that arrives.</summary>
    public async Task AddToInboxAsync(ActiveInstance instance, HistoryEvent e, string? outgoingKey, CancellationToken cancellationToken)
    {
        var operations = new List<StateOperation>(3)
        {
            new StateSet(keys.Inbox(instance.Id, instance.NextInboxRow), e.ToByteArray()),
            Metadata(instance.Id, instance.State.History.Count, instance.FirstInboxRow, instance.NextInboxRow + 1, instance.Generation),
        };
        if (outgoingKey is not null)
        {
            operations.Add(new StateDelete(outgoingKey));
        }

        await store.TransactAsync(operations, cancellationToken);
    }

    /// <summary>Commits a turn with everything that follows from it.</summary>
    public async Task CommitAsync(TurnCommit turn, CancellationToken cancellationToken)
    {
        var operations = new List<StateOperation>(turn.NewEvents.Count + turn.ConsumedRows.Count + 3);
        var length = turn.HistoryLength;
        if (turn.ReplacesHistory)
        {
            operations.AddRange(Enumerable.Range(0, length).Select(i => new StateDelete(keys.History(turn.Id, i))));
            length = 0;
        }

        foreach (var e in turn.NewEvents)
        {
            operations.Add(new StateSet(keys.History(turn.Id, length++), e.ToByteArray()));
        }

        operations.AddRange(turn.ConsumedRows.Select(row => new StateDelete(keys.Inbox(turn.Id, row))));
        operations.AddRange(turn.NewInbox.Select(entry => new StateSet(keys.Inbox(turn.Id, entry.Row), entry.Event.ToByteArray())));
        if (turn.CustomStatus is { } status)
        {
            operations.Add(new StateSet(keys.CustomStatus(turn.Id), new StringValue { Value = status }.ToByteArray()));
        }

        operations.Add(Metadata(turn.Id, length, turn.FirstInboxRow, turn.NextInboxRow, turn.Generation, turn.RetainedUntil));
        if (turn.RetainedUntil is { } until)
        {
            operations.Add(new StateDelete(keys.UnfinishedInstance(turn.Id)));
            operations.Add(new StateSet(keys.EndedInstance(turn.Id, until), Present));
        }

        foreach (var (id, instance, previous) in turn.NewInstances)
        {
            Create(operations, id, instance, previous);
        }

        operations.AddRange(turn.Outgoing.Select(outgoing => new StateSet(outgoing.Key, outgoing.Event.ToByteArray())));
        await store.TransactAsync(operations, cancellationToken);
    }

    /// <summary>Removes every row of the instance.</summary>
    public async Task PurgeAsync(string id, StoredInstance instance, CancellationToken cancellationToken) =>
        await store.TransactAsync([.. Rows(id, instance), new StateDelete(keys.Metadata(id)), new StateDelete(keys.UnfinishedInstance(id))], cancellationToken);

    private static ReadOnlyMemory<byte> Present { get; } = "1"u8.ToArray();

    private void Create(List<StateOperation> operations, string id, StoredInstance instance, StoredInstance? previous)
    {
        if (previous is not null)
        {
            operations.AddRange(Rows(id, previous));
        }

        operations.Add(new StateSet(keys.UnfinishedInstance(id), Present));
        operations.Add(Metadata(id, instance.State.History.Count, 0, instance.NextInboxRow, instance.Generation));
        operations.AddRange(instance.State.History.Select((e, i) => new StateSet(keys.History(id, i), e.ToByteArray())));
        operations.AddRange(instance.Inbox.Select(entry => new StateSet(keys.Inbox(id, entry.Row), entry.Event.ToByteArray())));
    }

    private IEnumerable<StateOperation> Rows(string id, StoredInstance instance)
    {
        for (var i = 0; i < instance.State.History.Count; i++)
        {
            yield return new StateDelete(keys.History(id, i));
        }

        foreach (var (row, _) in instance.Inbox)
        {
            yield return new StateDelete(keys.Inbox(id, row));
        }

        if (instance.RetainedUntil is { } until)
        {
            yield return new StateDelete(keys.EndedInstance(id, until));
        }

        yield return new StateDelete(keys.CustomStatus(id));
    }

    private StateSet Metadata(string id, int historyLength, int firstInboxRow, int nextInboxRow, ulong generation, DateTimeOffset? retainedUntil = null)
    {
        var metadata = new WorkflowStateMetadata
        {
            HistoryLength = (ulong)historyLength,
            InboxLength = (ulong)(nextInboxRow - firstInboxRow),
            FirstInboxRow = (ulong)firstInboxRow,
            Generation = generation,
        };
        if (retainedUntil is { } until)
        {
            metadata.RetainedUntil = until.UtcTicks;
        }

        return new StateSet(keys.Metadata(id), metadata.ToByteArray());
    }
}
