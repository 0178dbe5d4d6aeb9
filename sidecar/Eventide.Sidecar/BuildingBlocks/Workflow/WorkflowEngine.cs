using System.Collections.Concurrent;
using Eventide.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// Runs the workflow instances of one app: collects what happened to an instance, lets a worker decide one turn, commits the turn in one transaction, then
/// acts on it. What is acknowledged is stored; what follows from the history (activity results, timers, children) is derived from it again after a crash, so
/// those may happen twice but are never lost. Thread-safe (Dapr: pkg/actors/targets/workflow, durabletask-go backend).
/// </summary>
internal sealed partial class WorkflowEngine(WorkflowStore store, WorkerHub workers, TimeProvider time, ILogger<WorkflowEngine> log) : IAsyncDisposable
{
    // Timers beyond this are set again when it has passed; ITimer cannot wait longer than some 49 days.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(30);

    private readonly ConcurrentDictionary<string, Lazy<Task<ActiveInstance?>>> _active = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>How many workers are connected.</summary>
    public int ConnectedWorkers => workers.Count;

    /// <summary>Loads every unfinished instance and continues it.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        await foreach (var id in store.UnfinishedAsync(cancellationToken))
        {
            ids.Add(id);
        }

        foreach (var id in ids)
        {
            if (await FindAsync(id) is { } instance)
            {
                await WithGateAsync(instance, () =>
                {
                    Resume(instance);
                    return Task.CompletedTask;
                });
            }
        }

        Recovered(ids.Count);
    }

    /// <summary>
    /// Creates an instance. An unfinished one of that id is an error (AlreadyExists); a finished one is wiped and runs again. Completes when the instance is
    /// stored; the caller may wait for its first turn with <see cref="WaitAsync"/>.
    /// </summary>
    public async Task StartAsync(string id, ExecutionStartedEvent started, CancellationToken cancellationToken)
    {
        started.WorkflowInstance = new WorkflowInstance { InstanceId = id, ExecutionId = Guid.NewGuid().ToString("N") };
        var e = new HistoryEvent { EventId = -1, Timestamp = Now(), ExecutionStarted = started };
        while (true)
        {
            var existing = await FindAsync(id);
            if (existing is { State.Completed: null })
            {
                throw WorkflowErrors.AlreadyExists(id);
            }

            var previous = existing?.ToStored();
            var created = new ActiveInstance(id, new StoredInstance(new InstanceState(), [(0, e)], 1, (previous?.Generation ?? 0) + 1));
            var entry = new Lazy<Task<ActiveInstance?>>(async () =>
            {
                await store.CreateAsync(id, previous, [e], cancellationToken);
                return created;
            });
            if (existing is not null)
            {
                _active.TryRemove(id, out _);
            }

            if (_active.TryAdd(id, entry))
            {
                await LoadedAsync(id, entry);
                await WithGateAsync(created, () =>
                {
                    StartTurn(created);
                    return Task.CompletedTask;
                });
                return;
            }
        }
    }

    /// <summary>The instance as it is now, or null.</summary>
    public async Task<InstanceState?> GetAsync(string id) => (await FindAsync(id))?.State;

    /// <summary>Waits until <paramref name="reached"/> holds; null when there is no such instance.</summary>
    public async Task<InstanceState?> WaitAsync(string id, Func<InstanceState, bool> reached, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await FindAsync(id) is not { } instance)
            {
                return null;
            }

            var changed = instance.Changed;
            if (reached(instance.State))
            {
                return instance.State;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Gives an event to an unfinished instance; a finished one drops it. Completes when it is stored. Throws when there is no such instance.</summary>
    public async Task DeliverAsync(string id, HistoryEvent e, CancellationToken cancellationToken)
    {
        while (true)
        {
            var instance = await FindAsync(id) ?? throw WorkflowErrors.NoSuchInstance(id);
            var delivered = await WithGateAsync(instance, async () =>
            {
                if (instance.State.Completed is not null)
                {
                    return;
                }

                var row = instance.NextInboxRow;
                await store.AddToInboxAsync(id, e, row, instance.FirstInboxRow, instance.State.History.Count, instance.Generation, cancellationToken);
                instance.NextInboxRow = row + 1;
                instance.Inbox.Add((row, e));
                StartTurn(instance);
            });
            if (delivered)
            {
                return;
            }
        }
    }

    /// <summary>A worker's answer to a turn. False when nobody waits for it.</summary>
    public async Task<bool> CompleteTurnAsync(WorkflowResponse response)
    {
        if (!workers.Complete(WorkerHub.TurnKey(response.InstanceId), response.CompletionToken) || await FindAsync(response.InstanceId) is not { } instance)
        {
            return false;
        }

        await WithGateAsync(instance, async () =>
        {
            if (instance.Turn is not { } turn || (response.CompletionToken.Length > 0 && response.CompletionToken != turn.Token))
            {
                return;
            }

            try
            {
                await CommitAsync(instance, turn, response);
            }
            catch (Exception failure)
            {
                // The store decides what happened; the instance continues from there.
                CommitFailed(failure, instance.Id);
                Reload(instance);
            }
        });
        return true;
    }

    /// <summary>A worker's answer to an activity. False when nobody waits for it.</summary>
    public async Task<bool> CompleteActivityAsync(ActivityResponse response)
    {
        if (!workers.Complete(WorkerHub.ActivityKey(response.InstanceId, response.TaskId), response.CompletionToken))
        {
            return false;
        }

        var e = new HistoryEvent { EventId = -1, Timestamp = Now() };
        if (response.FailureDetails is { } failure)
        {
            e.TaskFailed = new TaskFailedEvent { TaskScheduledId = response.TaskId, FailureDetails = failure };
        }
        else
        {
            e.TaskCompleted = new TaskCompletedEvent { TaskScheduledId = response.TaskId, Result = response.Result };
        }

        await DerivedAsync(response.InstanceId, response.CompletionToken, e);
        return true;
    }

    /// <summary>Removes a finished instance. Throws for an unknown or an unfinished one, unless <paramref name="force"/>.</summary>
    public async Task<int> PurgeAsync(string id, bool recursive, bool force, CancellationToken cancellationToken)
    {
        var instance = await FindAsync(id) ?? throw WorkflowErrors.NoSuchInstance(id);
        var purged = 0;
        await WithGateAsync(instance, async () =>
        {
            if (instance.State.Completed is null && !force)
            {
                throw WorkflowErrors.NotCompleted(id);
            }

            if (recursive)
            {
                foreach (var child in instance.State.History.Where(e => e.ChildWorkflowInstanceCreated is not null))
                {
                    if (await FindAsync(child.ChildWorkflowInstanceCreated.InstanceId) is not null)
                    {
                        purged += await PurgeAsync(child.ChildWorkflowInstanceCreated.InstanceId, recursive, force, cancellationToken);
                    }
                }
            }

            await store.PurgeAsync(id, instance.ToStored(), cancellationToken);
            Forget(instance);
            purged++;
        });
        return purged;
    }

    /// <summary>The ids of all instances, finished ones included.</summary>
    public IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken) => store.AllAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var id in _active.Keys)
        {
            if (_active.TryRemove(id, out var entry) && entry.IsValueCreated && await entry.Value is { } instance)
            {
                instance.Dispose();
            }
        }
    }

    private async Task<ActiveInstance?> FindAsync(string id)
    {
        var entry = _active.GetOrAdd(id, key => new Lazy<Task<ActiveInstance?>>(async () =>
            await store.LoadAsync(key, _stopping.Token) is { } stored ? new ActiveInstance(key, stored) : null));
        return await LoadedAsync(id, entry);
    }

    private async Task<ActiveInstance?> LoadedAsync(string id, Lazy<Task<ActiveInstance?>> entry)
    {
        ActiveInstance? instance = null;
        try
        {
            return instance = await entry.Value;
        }
        finally
        {
            // Unknown and finished instances do not stay in memory: only running ones are worth it.
            if (instance is null or { State.Completed: not null })
            {
                _active.TryRemove(new KeyValuePair<string, Lazy<Task<ActiveInstance?>>>(id, entry));
            }
        }
    }

    private static async Task<bool> WithGateAsync(ActiveInstance instance, Func<Task> action)
    {
        await instance.Gate.WaitAsync();
        try
        {
            if (instance.IsGone)
            {
                return false;
            }

            await action();
            return true;
        }
        finally
        {
            instance.Gate.Release();
        }
    }

    /// <summary>
    /// An event that need not be stored because it follows from the history of one execution. The next one counts its calls from 0 again, so what still comes for
    /// an earlier execution is dropped; an empty <paramref name="executionId"/> is of a worker that does not say.
    /// </summary>
    private async Task DerivedAsync(string id, string? executionId, HistoryEvent e)
    {
        if (await FindAsync(id) is not { } instance)
        {
            return;
        }

        await WithGateAsync(instance, () =>
        {
            var isCurrent = string.IsNullOrEmpty(executionId) || executionId == instance.State.Started?.WorkflowInstance?.ExecutionId;
            if (isCurrent && instance.State.Accepts(e))
            {
                instance.Inbox.Add((-1, e));
                StartTurn(instance);
            }

            return Task.CompletedTask;
        });
    }

    private void StartTurn(ActiveInstance instance)
    {
        if (instance.Turn is not null || instance.Inbox.Count == 0 || instance.State.Completed is not null)
        {
            return;
        }

        var start = instance.Inbox.Find(entry => entry.Event.ExecutionStarted is not null).Event?.ExecutionStarted.ScheduledStartTimestamp?.ToDateTimeOffset();
        if (start is { } due && due > time.GetUtcNow())
        {
            SetTimer(instance, -1, due, () => WithGateAsync(instance, () =>
            {
                StartTurn(instance);
                return Task.CompletedTask;
            }));
            return;
        }

        var seen = new HashSet<(HistoryEvent.EventTypeOneofCase, int)>();
        var turn = new TurnInHand(
            Guid.NewGuid().ToString("N"),
            new HistoryEvent { EventId = -1, Timestamp = Now(), WorkflowStarted = new WorkflowStartedEvent() },
            [.. instance.Inbox.Select(entry => entry.Event).Where(e => instance.State.Accepts(e) && seen.Add(Resolution(e, seen.Count)))],
            [.. instance.Inbox.Where(entry => entry.Row >= 0).Select(entry => entry.Row)]);
        instance.Turn = turn;
        instance.Inbox.Clear();
        var execution = instance.State.Started ?? turn.Events.FirstOrDefault(e => e.ExecutionStarted is not null)?.ExecutionStarted;
        var request = new WorkflowRequest { InstanceId = instance.Id, ExecutionId = execution?.WorkflowInstance?.ExecutionId };
        request.PastEvents.Add(instance.State.History);
        request.NewEvents.Add(turn.Started);
        request.NewEvents.Add(turn.Events);
        workers.Dispatch(new WorkItem { WorkflowRequest = request, CompletionToken = turn.Token });
    }

    // Two answers to one task in the same turn: only the first counts. Everything else is distinct by position.
    private static (HistoryEvent.EventTypeOneofCase, int) Resolution(HistoryEvent e, int position) => e.EventTypeCase switch
    {
        HistoryEvent.EventTypeOneofCase.TaskCompleted => (HistoryEvent.EventTypeOneofCase.TaskCompleted, e.TaskCompleted.TaskScheduledId),
        HistoryEvent.EventTypeOneofCase.TaskFailed => (HistoryEvent.EventTypeOneofCase.TaskCompleted, e.TaskFailed.TaskScheduledId),
        HistoryEvent.EventTypeOneofCase.TimerFired => (HistoryEvent.EventTypeOneofCase.TimerFired, e.TimerFired.TimerId),
        HistoryEvent.EventTypeOneofCase.ExecutionStarted => (HistoryEvent.EventTypeOneofCase.ExecutionStarted, 0),
        _ => (HistoryEvent.EventTypeOneofCase.None, position),
    };

    private async Task CommitAsync(ActiveInstance instance, TurnInHand turn, WorkflowResponse response)
    {
        var now = Now();
        var next = new InstanceState { CustomStatus = instance.State.CustomStatus };
        foreach (var e in instance.State.History)
        {
            next.Apply(e);
        }

        var appended = new List<HistoryEvent>();
        void Append(HistoryEvent e)
        {
            next.Apply(e);
            appended.Add(e);
        }

        // A copy: the one that was sent may be on its way still.
        var begin = turn.Started.Clone();
        begin.WorkflowStarted.Version = response.Version;
        Append(begin);
        foreach (var e in turn.Events)
        {
            Append(e);
        }

        var outcome = TurnOutcome.Of(response, next, next.Started!, instance.Id, now);
        if (turn.Events.FirstOrDefault(e => e.ExecutionTerminated is not null)?.ExecutionTerminated is { } terminated)
        {
            outcome.Terminate(terminated, now);
        }

        foreach (var e in outcome.Events)
        {
            Append(e);
        }

        var statusChanged = response.CustomStatus != instance.State.CustomStatus && response.CustomStatus is not null;
        next.CustomStatus = response.CustomStatus ?? next.CustomStatus;
        var continued = outcome.Continuation?.Select((e, i) => (Row: instance.NextInboxRow + i, Event: e)).ToList() ?? [];
        var nextRow = instance.NextInboxRow + continued.Count;
        var stored = instance.Inbox.Where(entry => entry.Row >= 0).Concat(continued).ToList();
        var firstRow = stored.Count > 0 ? stored[0].Row : nextRow;
        await store.CommitTurnAsync(
            new TurnCommit(
                instance.Id, instance.State.History.Count, outcome.Continuation is not null, outcome.Continuation is null ? appended : [], turn.ConsumedRows, continued,
                firstRow, nextRow, instance.Generation + (outcome.Continuation is null ? 0u : 1u), statusChanged, next.CustomStatus, next.Completed is not null),
            _stopping.Token);

        (instance.FirstInboxRow, instance.NextInboxRow, instance.Turn) = (firstRow, nextRow, null);
        if (outcome.Continuation is not null)
        {
            instance.Generation++;
            instance.State = new InstanceState { CustomStatus = next.CustomStatus };
            instance.Dispose();
            var waiting = instance.Inbox.Where(entry => entry.Row >= 0).ToList();
            instance.Inbox.Clear();
            instance.Inbox.AddRange([.. continued, .. waiting]);
        }
        else
        {
            instance.State = next;
            Act(instance, appended);
        }

        FinishTurn(instance, outcome, turn);
    }

    private void FinishTurn(ActiveInstance instance, TurnOutcome outcome, TurnInHand turn)
    {
        foreach (var termination in outcome.Terminations)
        {
            Background(() => TerminateAsync(termination.InstanceId, termination.Reason, termination.Recurse));
        }

        if (instance.State.Completed is { } completed)
        {
            var recurse = turn.Events.Any(e => e.ExecutionTerminated is { Recurse: true });
            foreach (var child in instance.State.PendingChildren.Values.Where(_ => recurse))
            {
                Background(() => TerminateAsync(child.ChildWorkflowInstanceCreated.InstanceId, null, recurse: true));
            }

            TellParent(instance.State);
            Forget(instance);
        }
        else
        {
            StartTurn(instance);
        }

        instance.NotifyChanged();
    }

    private Task TerminateAsync(string id, string? output, bool recurse) => DeliverAsync(
        id,
        new HistoryEvent { EventId = -1, Timestamp = Now(), ExecutionTerminated = new ExecutionTerminatedEvent { Input = output, Recurse = recurse } },
        _stopping.Token);

    /// <summary>Does what the new events ask for, after they are committed.</summary>
    private void Act(ActiveInstance instance, IEnumerable<HistoryEvent> events)
    {
        foreach (var e in events)
        {
            switch (e.EventTypeCase)
            {
                case HistoryEvent.EventTypeOneofCase.TaskScheduled when instance.State.PendingActivities.ContainsKey(e.EventId):
                    DispatchActivity(instance, e);
                    break;
                case HistoryEvent.EventTypeOneofCase.TimerCreated when instance.State.PendingTimers.ContainsKey(e.EventId):
                    var execution = instance.State.Started?.WorkflowInstance?.ExecutionId;
                    SetTimer(instance, e.EventId, e.TimerCreated.FireAt.ToDateTimeOffset(), () => DerivedAsync(instance.Id, execution, new HistoryEvent
                    {
                        EventId = -1,
                        Timestamp = Now(),
                        TimerFired = new TimerFiredEvent { TimerId = e.EventId, FireAt = e.TimerCreated.FireAt },
                    }));
                    break;
                case HistoryEvent.EventTypeOneofCase.TimerFired:
                    if (instance.Timers.Remove(e.TimerFired.TimerId, out var timer))
                    {
                        timer.Dispose();
                    }

                    break;
                case HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated when instance.State.PendingChildren.ContainsKey(e.EventId):
                    Background(() => StartChildAsync(instance.Id, instance.State.Started!, e));
                    break;
                case HistoryEvent.EventTypeOneofCase.EventSent:
                    // Real daprd hands the sent event on as it is, which wakes nobody; here it arrives as a raised event. Marked in docs/workflow.md.
                    Background(() => DeliverAsync(e.EventSent.InstanceId, new HistoryEvent
                    {
                        EventId = -1, Timestamp = Now(), EventRaised = new EventRaisedEvent { Name = e.EventSent.Name, Input = e.EventSent.Input },
                    }, _stopping.Token));
                    break;
            }
        }
    }

    private void DispatchActivity(ActiveInstance instance, HistoryEvent e) => workers.Dispatch(new WorkItem
    {
        // The execution, because the next one of a workflow that continues as new counts its calls from 0 again.
        CompletionToken = instance.State.Started!.WorkflowInstance.ExecutionId ?? string.Empty,
        ActivityRequest = new ActivityRequest
        {
            Name = e.TaskScheduled.Name,
            Version = e.TaskScheduled.Version,
            Input = e.TaskScheduled.Input,
            WorkflowInstance = instance.State.Started!.WorkflowInstance,
            TaskId = e.EventId,
            TaskExecutionId = e.TaskScheduled.TaskExecutionId,
            ParentTraceContext = e.TaskScheduled.ParentTraceContext,
        },
    });

    private async Task StartChildAsync(string parentId, ExecutionStartedEvent parent, HistoryEvent e)
    {
        var created = e.ChildWorkflowInstanceCreated;
        var child = new ExecutionStartedEvent
        {
            Name = created.Name,
            Version = created.Version,
            Input = created.Input,
            ParentTraceContext = created.ParentTraceContext,
            ParentInstance = new ParentInstanceInfo
            {
                TaskScheduledId = e.EventId,
                Name = parent.Name,
                WorkflowInstance = new WorkflowInstance { InstanceId = parentId, ExecutionId = parent.WorkflowInstance?.ExecutionId },
            },
        };
        var existing = await FindAsync(created.InstanceId);
        if (existing?.Parent is { } of && of.Equals(child.ParentInstance))
        {
            // Asked for again after a crash. If it has ended, the crash fell between its end and the parent's knowledge of it; a retry is another call and starts anew.
            if (existing.State.Completed is not null)
            {
                TellParent(existing.State);
            }
        }
        else if (existing is null or { State.Completed: not null })
        {
            await StartAsync(created.InstanceId, child, _stopping.Token);
        }
        else
        {
            await DerivedAsync(parentId, parent.WorkflowInstance?.ExecutionId, new HistoryEvent
            {
                EventId = -1,
                Timestamp = Now(),
                ChildWorkflowInstanceFailed = new ChildWorkflowInstanceFailedEvent
                {
                    TaskScheduledId = e.EventId,
                    FailureDetails = new TaskFailureDetails
                    {
                        ErrorType = "AlreadyExists", ErrorMessage = WorkflowErrors.AlreadyExists(created.InstanceId).Message,
                    },
                },
            });
        }
    }

    private void TellParent(InstanceState state)
    {
        if (state.Started?.ParentInstance is not { } parent)
        {
            return;
        }

        var e = new HistoryEvent { EventId = -1, Timestamp = Now() };
        if (state.Completed!.WorkflowStatus == WorkflowStatus.Completed)
        {
            e.ChildWorkflowInstanceCompleted = new ChildWorkflowInstanceCompletedEvent
            {
                TaskScheduledId = parent.TaskScheduledId, Result = state.Completed.Result,
            };
        }
        else
        {
            e.ChildWorkflowInstanceFailed = new ChildWorkflowInstanceFailedEvent
            {
                TaskScheduledId = parent.TaskScheduledId,
                FailureDetails = state.Completed.FailureDetails ?? new TaskFailureDetails
                {
                    ErrorType = state.Completed.WorkflowStatus.ToString(), ErrorMessage = $"The child workflow ended as {state.Completed.WorkflowStatus}.",
                },
            };
        }

        Background(() => DerivedAsync(parent.WorkflowInstance.InstanceId, parent.WorkflowInstance.ExecutionId, e));
    }

    /// <summary>Does again what a crash may have prevented, and starts the turn that waits.</summary>
    private void Resume(ActiveInstance instance)
    {
        Act(instance, [.. instance.State.PendingActivities.Values, .. instance.State.PendingTimers.Values, .. instance.State.PendingChildren.Values]);
        StartTurn(instance);
    }

    private void Reload(ActiveInstance instance)
    {
        Forget(instance);
        Background(async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), time, _stopping.Token);
            if (await FindAsync(instance.Id) is { State.Completed: null } loaded)
            {
                await WithGateAsync(loaded, () =>
                {
                    Resume(loaded);
                    return Task.CompletedTask;
                });
            }
        });
    }

    private void Forget(ActiveInstance instance)
    {
        instance.IsGone = true;
        instance.Dispose();
        _active.TryRemove(instance.Id, out _);
    }

    private void SetTimer(ActiveInstance instance, int id, DateTimeOffset due, Func<Task> fire)
    {
        var wait = due - time.GetUtcNow();
        var step = wait > LongestTimer ? LongestTimer : wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
        if (instance.Timers.Remove(id, out var earlier))
        {
            earlier.Dispose();
        }

        instance.Timers[id] = time.CreateTimer(
            _ => Background(step == wait || wait < TimeSpan.Zero ? fire : () => WithGateAsync(instance, () =>
            {
                SetTimer(instance, id, due, fire);
                return Task.CompletedTask;
            })),
            null, step, Timeout.InfiniteTimeSpan);
    }

    private void Background(Func<Task> work) => _ = Task.Run(async () =>
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopping; a restart does it again.
        }
        catch (Exception failure)
        {
            BackgroundFailed(failure);
        }
    });

    private Timestamp Now() => Timestamp.FromDateTimeOffset(time.GetUtcNow());

    [LoggerMessage(Level = LogLevel.Information, Message = "Workflow engine started; {Count} unfinished instances continue")]
    private partial void Recovered(int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "A turn of workflow {Id} could not be stored; it is loaded again and repeated")]
    private partial void CommitFailed(Exception failure, string id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Something that a workflow turn asked for failed; it is done again at the next start")]
    private partial void BackgroundFailed(Exception failure);
}
