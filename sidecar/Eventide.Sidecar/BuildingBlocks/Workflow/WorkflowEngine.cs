using Eventide.Workflow.Protocol;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// Runs the workflow instances of one app: collects what happened to an instance, lets a worker decide one turn, commits the turn in one transaction, then
/// acts on it. What is acknowledged is stored; what follows from the history (activity results, timers, outcomes of children) is derived from it again after a
/// crash, so those may happen twice but are never lost. Thread-safe (Dapr: pkg/actors/targets/workflow, durabletask-go backend).
/// </summary>
internal sealed partial class WorkflowEngine : IAsyncDisposable
{
    private readonly WorkflowStore _store;
    private readonly WorkerHub _workers;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly BackgroundWork _background;
    private readonly InstanceDirectory _directory;
    private readonly TurnDispatcher _turns;
    private readonly EventDelivery _delivery;
    private readonly Outbox _outbox;
    private readonly InstanceCreation _creation;
    private readonly TurnCommits _commits;
    private readonly InstanceRerun _rerun;
    private readonly InstanceRemoval _removal;
    private readonly RetentionSweep _sweep;

    public WorkflowEngine(WorkflowStore store, WorkerHub workers, EngineSettings settings, TimeProvider time, ILogger log)
    {
        (_store, _workers, _time, _log) = (store, workers, time, log);
        _background = new BackgroundWork(time, log, _stopping.Token);
        var timers = new DurableTimers(time, _background);
        FollowUps? followUps = null;
        TurnCommits? commits = null;
        ChildWorkflows? children = null;
        void Resume(ActiveInstance instance) => followUps!.Resume(instance);
        _directory = new InstanceDirectory(store, Resume);
        _turns = new TurnDispatcher(workers, timers, time, settings.MaxBodySize, (instance, turn, stalled) => commits!.PutBack(instance, turn, stalled));
        _delivery = new EventDelivery(_directory, store, _turns, _background, ended => children!.TellParent(ended));
        _outbox = new Outbox(store, _delivery, _background, log);
        _creation = new InstanceCreation(_directory, store, Resume, _background);
        children = new ChildWorkflows(settings.AppId, _directory, _delivery, _background, time);
        followUps = new FollowUps(settings.AppId, workers, timers, _delivery, children, _turns, _background, time);
        _commits = commits = new TurnCommits(
            store, _directory, _creation, children, _outbox, _delivery, followUps, _turns, timers, settings.Retention, _background, time, log);
        _rerun = new InstanceRerun(_directory, _creation, children, store);
        _removal = new InstanceRemoval(_directory, store, _delivery);
        _sweep = new RetentionSweep(store, _directory, _removal, settings.Retention, _background, time, log);
        workers.Connected += TryStalled;
    }

    /// <summary>Loads every unfinished instance and continues it, and sends what was on its way.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var id in _store.UnfinishedAsync(cancellationToken))
        {
            await _directory.FindAsync(id, cancellationToken);
            count++;
        }

        await _outbox.RecoverAsync(cancellationToken);
        Recovered(count);
    }

    /// <summary>
    /// Creates an instance. An unfinished one of that id is an error (AlreadyExists); a finished one is wiped and runs again. Completes when the instance is
    /// stored; the caller may wait for its first turn with <see cref="WaitAsync"/>.
    /// </summary>
    public Task StartAsync(string id, ExecutionStartedEvent started, CancellationToken cancellationToken) =>
        _creation.CreateAsync(id, previous => StoredInstance.New(_time.Started(id, started), previous), cancellationToken);

    /// <summary>The instance as it is now, or null.</summary>
    public async Task<InstanceDescription?> GetAsync(string id, CancellationToken cancellationToken) => (await _directory.FindAsync(id, cancellationToken))?.Description;

    /// <summary>The committed events of the instance, or null.</summary>
    public async Task<IReadOnlyList<HistoryEvent>?> HistoryAsync(string id, CancellationToken cancellationToken)
    {
        while (await _directory.FindAsync(id, cancellationToken) is { } instance)
        {
            IReadOnlyList<HistoryEvent> history = [];
            if (await instance.WithGateAsync(() => history = [.. instance.State.History]))
            {
                return history;
            }
        }

        return null;
    }

    /// <summary>Waits until <paramref name="reached"/> holds; null when there is no such instance.</summary>
    public async Task<InstanceDescription?> WaitAsync(string id, Func<InstanceDescription, bool> reached, CancellationToken cancellationToken)
    {
        while (await _directory.FindAsync(id, cancellationToken) is { } instance)
        {
            while (true)
            {
                var changed = instance.Changed;
                if (instance.Description is { } description && reached(description))
                {
                    return description;
                }

                if (instance.IsGone)
                {
                    break;
                }

                await changed.WaitAsync(cancellationToken);
            }
        }

        return null;
    }

    /// <summary>Gives an event to an unfinished instance; a finished one drops it. Completes when it is stored. Throws when there is no such instance.</summary>
    public async Task DeliverAsync(string id, HistoryEvent e, CancellationToken cancellationToken)
    {
        if (await _delivery.DeliverAsync(id, e, outgoingKey: null, cancellationToken) == Delivery.NoSuchInstance)
        {
            throw WorkflowErrors.NoSuchInstance(id);
        }
    }

    /// <summary>A worker's answer to a turn. False when nobody waits for it, or when it could not be stored: then the turn is given out again.</summary>
    public async Task<bool> CompleteTurnAsync(WorkflowResponse response) =>
        _workers.Complete(WorkerHub.TurnKey(response.InstanceId), response.CompletionToken)
        && await _directory.FindAsync(response.InstanceId, _stopping.Token) is { } instance
        && await _commits.CommitAsync(instance, response);

    /// <summary>A worker's answer to an activity. False when nobody waits for it.</summary>
    public async Task<bool> CompleteActivityAsync(ActivityResponse response)
    {
        if (!_workers.Complete(WorkerHub.ActivityKey(response.InstanceId, response.TaskId), response.CompletionToken))
        {
            return false;
        }

        var e = _time.NewEvent();
        if (response.FailureDetails is { } failure)
        {
            e.TaskFailed = new TaskFailedEvent { TaskScheduledId = response.TaskId, FailureDetails = failure };
        }
        else
        {
            e.TaskCompleted = new TaskCompletedEvent { TaskScheduledId = response.TaskId, Result = response.Result };
        }

        await _delivery.DeliverDerivedAsync(response.InstanceId, response.CompletionToken, e);
        return true;
    }

    /// <summary>Runs an ended instance again from one of its events, as a new instance. Throws for what cannot be rerun.</summary>
    public Task RerunAsync(RerunRequest request, CancellationToken cancellationToken) => _rerun.RunAsync(request, cancellationToken);

    /// <summary>Removes a finished instance; gives the number removed. Throws for an unknown or an unfinished one, unless <paramref name="force"/>.</summary>
    public Task<int> PurgeAsync(string id, bool recursive, bool force, CancellationToken cancellationToken) =>
        _removal.PurgeAsync(id, recursive, force, cancellationToken);

    /// <summary>The ids of all instances in ordinal order, finished ones included.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        var ids = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var id in _store.UnfinishedAsync(cancellationToken))
        {
            ids.Add(id);
        }

        await foreach (var (id, _) in _store.EndedAsync(cancellationToken))
        {
            ids.Add(id);
        }

        return [.. ids];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _workers.Connected -= TryStalled;
        await _stopping.CancelAsync();
        await _sweep.DisposeAsync();
        await _directory.CloseAsync();
    }

    /// <summary>A new worker may be the one that stalled instances wait for.</summary>
    private void TryStalled()
    {
        foreach (var instance in _directory.Running.Where(instance => instance.Description.Status == WorkflowStatus.Stalled))
        {
            _background.Run(() => instance.WithGateAsync(() => _turns.StartNext(instance)));
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Workflow engine started; {Count} unfinished instances continue")]
    private partial void Recovered(int count);
}
