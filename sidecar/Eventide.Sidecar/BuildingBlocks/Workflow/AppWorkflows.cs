using Eventide.Sidecar.Components.State;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// The workflows of one app in this process: one engine on one store, shared by the sidecars of all its replicas and gone with the last of them. The store belongs
/// to this process meanwhile. Thread-safe.
/// </summary>
internal sealed class AppWorkflows : IAsyncDisposable
{
    private readonly Func<IStateStore> _open;
    private readonly EngineSettings _settings;
    private readonly Lazy<Task> _opening;
    private IStateStore? _store;
    private IDisposable? _ownership;

    public AppWorkflows(Func<IStateStore> open, WorkflowKeys keys, EngineSettings settings, TimeProvider time, ILogger log)
    {
        (_open, _settings) = (open, settings);
        _opening = new Lazy<Task>(() => OpenAsync(keys, time, log));
    }

    /// <summary>The workers of all replicas.</summary>
    public WorkerHub Workers { get; } = new();

    /// <summary>The engine, once it is open.</summary>
    public WorkflowEngine? Engine { get; private set; }

    /// <summary>Completes when every unfinished instance goes on. Throws when another process runs workflows on the store.</summary>
    public Task OpenAsync() => _opening.Value;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Engine is not null)
        {
            await Engine.DisposeAsync();
        }

        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        // Last, so that whoever comes next finds everything written.
        _ownership?.Dispose();
    }

    private async Task OpenAsync(WorkflowKeys keys, TimeProvider time, ILogger log)
    {
        _store = _open();
        await _store.InitializeAsync(CancellationToken.None);
        _ownership = (_store as IOwnedByProcess)?.Own($"the workflows of {_settings.AppId}");
        var engine = new WorkflowEngine(new WorkflowStore(_store, keys), Workers, _settings, time, log);
        await engine.RecoverAsync(CancellationToken.None);
        Engine = engine;
    }
}
