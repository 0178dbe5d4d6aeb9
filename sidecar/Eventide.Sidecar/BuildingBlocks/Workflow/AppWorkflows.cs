using Eventide.Sidecar.Components.State;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// The workflows of one app in this process: one engine on one store, shared by the sidecars of all its replicas and gone with the last of them. The store belongs
/// to this process meanwhile. When that ownership is lost, because the store went away or the process was paused for too long, the engine stops at once, and
/// another one starts from what is stored as soon as the store is owned again. Thread-safe.
/// </summary>
internal sealed partial class AppWorkflows : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<IStateStore> _open;
    private readonly WorkflowKeys _keys;
    private readonly EngineSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lazy<Task> _opening;
    private IStateStore? _store;
    private IOwnership? _ownership;
    private Task _keeping = Task.CompletedTask;

    public AppWorkflows(Func<IStateStore> open, WorkflowKeys keys, EngineSettings settings, TimeProvider time, ILogger log)
    {
        (_open, _keys, _settings, _time, _log) = (open, keys, settings, time, log);
        _opening = new Lazy<Task>(OpenOnceAsync);
    }

    /// <summary>The workers of all replicas.</summary>
    public WorkerHub Workers { get; } = new();

    /// <summary>The engine; null until it is open, and while the store belongs to nobody or to somebody else.</summary>
    public WorkflowEngine? Engine { get; private set; }

    /// <summary>Completes when every unfinished instance goes on. Throws when another process runs workflows on the store.</summary>
    public Task OpenAsync() => _opening.Value;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_opening.IsValueCreated)
        {
            await _opening.Value.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _keeping;
        await CloseEngineAsync();
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }

    private async Task OpenOnceAsync()
    {
        _store = _open();
        await _store.InitializeAsync(_stopping.Token);
        await OpenEngineAsync();
        _keeping = KeepAsync();
    }

    private async Task OpenEngineAsync()
    {
        var store = _store!;
        if (store is IOwnedByProcess owned)
        {
            _ownership = await owned.OwnAsync($"the workflows of {_settings.AppId}", _stopping.Token);
            store = _ownership.Store;
        }

        // Workers that stayed connected answer what the recovery gives out while it still runs.
        Engine = new WorkflowEngine(new WorkflowStore(store, _keys), Workers, _settings, _time, _log);
        await Engine.RecoverAsync(_stopping.Token);
    }

    private async Task CloseEngineAsync()
    {
        var (engine, ownership) = (Engine, _ownership);
        (Engine, _ownership) = (null, null);
        if (engine is not null)
        {
            await engine.DisposeAsync();
        }

        // Last, so that whoever comes next finds everything written.
        if (ownership is not null)
        {
            await ownership.DisposeAsync();
        }
    }

    /// <summary>Opens another engine whenever the ownership was lost, until the stop.</summary>
    private async Task KeepAsync()
    {
        while (await IsLostAsync())
        {
            Lost(_settings.AppId);
            for (var pause = FirstPause; !await TryReopenAsync(); pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            {
                await Task.Delay(pause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (_stopping.IsCancellationRequested)
                {
                    return;
                }
            }
        }
    }

    private async Task<bool> IsLostAsync()
    {
        var lost = _ownership?.Lost ?? CancellationToken.None;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(lost, _stopping.Token);
        await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_stopping.IsCancellationRequested;
    }

    private async Task<bool> TryReopenAsync()
    {
        try
        {
            await CloseEngineAsync();

            // Nobody can take the answers to what the engine gave out; the next one gives out what is still to do.
            Workers.Clear();
            await OpenEngineAsync();
            return true;
        }
        catch (Exception failure)
        {
            if (!_stopping.IsCancellationRequested)
            {
                NotReopened(_settings.AppId, failure.Message);
            }

            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The workflows of {App} pause: their store is out of reach or another process took it. They go on from what is stored when it is back")]
    private partial void Lost(string app);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The workflows of {App} cannot go on yet: {Reason}")]
    private partial void NotReopened(string app, string reason);
}
