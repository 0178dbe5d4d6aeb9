using Eventide.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// Commits what workers decide: a turn with everything that follows from it is one transaction, and only then does anything happen. Thread-safe.
/// </summary>
internal sealed partial class TurnCommits(
    WorkflowStore store, InstanceDirectory directory, InstanceCreation creation, ChildWorkflows children, Outbox outbox, EventDelivery delivery, FollowUps followUps,
    TurnDispatcher turns, DurableTimers timers, WorkflowRetention retention, BackgroundWork background, TimeProvider time, ILogger log)
{
    // A worker that knows the way may have come without a new stream, and a larger message limit comes with a restart only.
    private static readonly TimeSpan StalledRetry = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Commits a worker's answer. False for one to another turn, which changes nothing, and after a failed write: then the instance goes on from what is stored.
    /// </summary>
    public async Task<bool> CommitAsync(ActiveInstance instance, WorkflowResponse response)
    {
        var isCommitted = false;
        await instance.WithGateAsync(async () =>
        {
            if (instance.Turn is { } turn && (response.CompletionToken.Length == 0 || response.CompletionToken == turn.Token))
            {
                isCommitted = await OrReloadAsync(instance, async () =>
                {
                    var outcome = TurnOutcome.Of(response, instance.State, turn, instance.Id, Timestamp.FromDateTimeOffset(time.GetUtcNow()));
                    await (outcome.Stalled is { } stalled ? PutBackAsync(instance, turn, stalled) : CommitAsync(instance, turn, outcome, response.CustomStatus));
                });
            }
        });
        return isCommitted;
    }

    /// <summary>Puts back a turn that cannot be sent.</summary>
    public void PutBack(ActiveInstance instance, TurnInHand turn, ExecutionStalledEvent stalled) => background.Run(() => instance.WithGateAsync(async () =>
    {
        if (instance.Turn == turn)
        {
            await OrReloadAsync(instance, () => PutBackAsync(instance, turn, stalled));
        }
    }));

    private async Task<bool> OrReloadAsync(ActiveInstance instance, Func<Task> commit)
    {
        try
        {
            await commit();
            return true;
        }
        catch (Exception failure)
        {
            if (!background.Stopping.IsCancellationRequested)
            {
                Failed(failure, instance.Id);
            }

            delivery.Reload(instance);
            return false;
        }
    }

    private async Task CommitAsync(ActiveInstance instance, TurnInHand turn, TurnOutcome outcome, string? customStatus)
    {
        using var starts = await BeginStartsAsync(instance, outcome);
        var continuation = outcome.Continuation;
        var waiting = instance.Inbox.Where(entry => entry.Row >= 0).ToList();
        // The next execution's start has to come before what is waiting, so that gets new rows behind it.
        var next = continuation is null ? [] : continuation.Concat(waiting.Select(entry => entry.Event)).Select((e, i) => (Row: instance.NextInboxRow + i, Event: e)).ToList();
        var nextRow = instance.NextInboxRow + next.Count;
        // What came too late for an instance that ends is dropped with it.
        var keepsInbox = continuation is null && outcome.Completed is null;
        var remaining = keepsInbox ? waiting : next;
        var commit = new TurnCommit
        {
            Id = instance.Id,
            HistoryLength = instance.State.History.Count,
            ReplacesHistory = continuation is not null,
            NewEvents = continuation is null ? outcome.Events : [],
            ConsumedRows = keepsInbox ? turn.ConsumedRows : [.. turn.ConsumedRows, .. waiting.Select(entry => entry.Row)],
            NewInbox = next,
            FirstInboxRow = remaining.Count > 0 ? remaining[0].Row : nextRow,
            NextInboxRow = nextRow,
            Generation = instance.Generation + (continuation is null ? 0u : 1u),
            CustomStatus = customStatus == instance.State.CustomStatus ? null : customStatus,
            RetainedUntil = outcome.Completed is { } completed ? retention.Until(completed.WorkflowStatus, time.GetUtcNow()) : null,
            NewInstances = starts.ToStore(),
            Outgoing = outcome.Outgoing.Select(outgoing => (store.NewOutgoingKey(), outgoing)).ToList(),
        };
        try
        {
            await store.CommitAsync(commit, background.Stopping);
        }
        catch
        {
            // It may have been done all the same; then the instance is found as it is by now, and so are the events for others.
            Send(commit.Outgoing);
            throw;
        }

        (instance.FirstInboxRow, instance.NextInboxRow, instance.Generation, instance.Turn) = (commit.FirstInboxRow, nextRow, commit.Generation, null);
        if (continuation is null)
        {
            outcome.Events.ForEach(instance.State.Apply);
        }
        else
        {
            instance.State = new InstanceState { CustomStatus = instance.State.CustomStatus };
            instance.StopTimers();
            instance.Inbox.Clear();
            instance.Inbox.AddRange(next);
        }

        instance.State.CustomStatus = customStatus ?? instance.State.CustomStatus;
        instance.Publish();
        await starts.FinishAsync();
        Send(commit.Outgoing);
        GoOn(instance, commit.NewEvents);
    }

    private void Send(IReadOnlyList<(string Key, OutgoingEvent Event)> all)
    {
        foreach (var (key, outgoing) in all)
        {
            outbox.Send(key, outgoing);
        }
    }

    private void GoOn(ActiveInstance instance, IReadOnlyList<HistoryEvent> committed)
    {
        if (instance.Description.HasEnded)
        {
            children.TellParent(instance.Description);
            directory.Forget(instance);
        }
        else
        {
            followUps.Act(instance, committed);
            turns.StartNext(instance);
        }
    }

    /// <summary>Takes the ids of the instances that the turn starts. Nobody else can take them before the commit.</summary>
    private async Task<NewInstances> BeginStartsAsync(ActiveInstance instance, TurnOutcome outcome)
    {
        var starts = new NewInstances(creation);
        if (outcome.Continuation is not null)
        {
            return starts;
        }

        var wanted = outcome.ChildCalls
            .Select(call => (Id: call.ChildWorkflowInstanceCreated.InstanceId, Start: children.Start(instance.Id, outcome.Started, call), Call: (HistoryEvent?)call))
            .Concat(outcome.Detached.Select(detached => (detached.Id, Start: time.Started(detached.Id, detached.Started), Call: (HistoryEvent?)null)));
        try
        {
            foreach (var (id, start, call) in wanted.OrderBy(start => start.Id, StringComparer.Ordinal))
            {
                if ((call is not null && !children.IsServed(call)) || !await starts.TryAddAsync(id, start, background.Stopping))
                {
                    Refused(instance.Id, id);
                    if (call is not null)
                    {
                        background.Run(() => children.RefuseAsync(instance.Id, outcome.Started, call));
                    }
                }
            }

            return starts;
        }
        catch
        {
            starts.Dispose();
            throw;
        }
    }

    private async Task PutBackAsync(ActiveInstance instance, TurnInHand turn, ExecutionStalledEvent stalled)
    {
        if (instance.State.Stalled?.Description != stalled.Description)
        {
            var e = time.Stalled(stalled);
            await store.CommitAsync(
                new TurnCommit
                {
                    Id = instance.Id,
                    HistoryLength = instance.State.History.Count,
                    NewEvents = [e],
                    FirstInboxRow = instance.FirstInboxRow,
                    NextInboxRow = instance.NextInboxRow,
                    Generation = instance.Generation,
                },
                background.Stopping);
            instance.State.Apply(e);
            Stalled(instance.Id, stalled.Description);
        }

        instance.Turn = null;
        instance.Inbox.InsertRange(0, turn.Taken);
        timers.Set(instance, DurableTimers.Stalled, time.GetUtcNow() + StalledRetry, () => instance.WithGateAsync(() => turns.StartNext(instance)));
        instance.Publish();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A turn of workflow {Id} could not be stored; it is loaded again and repeated")]
    private partial void Failed(Exception failure, string id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Workflow {Id} cannot start {Other}: an active instance has that id, or it belongs to another app")]
    private partial void Refused(string id, string other);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Workflow {Id} is stalled until a worker can go on with it: {Reason}")]
    private partial void Stalled(string id, string reason);
}
