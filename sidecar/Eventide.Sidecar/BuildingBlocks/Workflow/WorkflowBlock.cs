using System.Text.Json.Nodes;
using Eventide.Sidecar.BuildingBlocks.Metadata;
using Eventide.Sidecar.BuildingBlocks.State;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Configuration;
using Eventide.Sidecar.Hosting;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// Workflows as one sidecar sees them: the engine of its app, which it shares with the app's other replicas in this process, and the workers of its own app process.
/// Without an actor state store every call says so.
/// </summary>
internal sealed class WorkflowBlock(
    ActorStateStore actorStore, SharedComponents shared, SidecarOptions options, SidecarConfiguration configuration, TimeProvider time, ILogger<WorkflowEngine> log)
    : IBuildingBlock, IMetadataContributor
{
    private readonly CancellationTokenSource _stopping = new();
    private AppWorkflows? _workflows;
    private int _workers;

    /// <summary>The engine. Throws when no actor state store is configured, while that store is out of reach, and at a stop.</summary>
    public WorkflowEngine Engine => _workflows is { } workflows
        ? workflows.Engine ?? throw WorkflowErrors.Paused()
        : throw (_stopping.IsCancellationRequested ? WorkflowErrors.Stopping() : WorkflowErrors.NoActorStateStore());

    /// <summary>Ends every worker's stream at a stop; the workers connect again when the sidecar is back.</summary>
    public CancellationToken Stopping => _stopping.Token;

    private string SharedKey => $"workflows {options.Namespace}/{options.AppId}";

    /// <inheritdoc/>
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        if (actorStore.Find() is not { } open)
        {
            return;
        }

        var policy = configuration.Workflow;
        var settings = new EngineSettings(options.AppId, options.MaxBodySize, new WorkflowRetention(
            policy.RetainCompleted ?? options.WorkflowRetention, policy.RetainFailed ?? options.WorkflowRetention, policy.RetainTerminated ?? options.WorkflowRetention));
        _workflows = shared.Rent(SharedKey, () => new AppWorkflows(open, new WorkflowKeys(options.AppId, options.Namespace), settings, time, log));
        await _workflows.OpenAsync().WaitAsync(cancellationToken);
    }

    /// <summary>Connects a worker of this sidecar's app.</summary>
    public WorkerHub.Connection Connect()
    {
        _ = Engine;
        Interlocked.Increment(ref _workers);
        return _workflows!.Workers.Connect();
    }

    /// <summary>The worker is gone.</summary>
    public void Disconnect(WorkerHub.Connection connection)
    {
        Interlocked.Decrement(ref _workers);
        connection.Dispose();
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (_workflows is not null)
        {
            _workflows = null;
            await shared.ReturnAsync(SharedKey);
        }
    }

    /// <inheritdoc/>
    public void Describe(JsonObject metadata)
    {
        var workers = Volatile.Read(ref _workers);
        metadata["workflows"] = new JsonObject { ["connectedWorkers"] = workers };
        string[] types = workers == 0 ? [] : ["activity", "retentioner", "workflow"];
        metadata["actorRuntime"] = new JsonObject
        {
            ["runtimeStatus"] = _workflows is null ? "DISABLED" : "RUNNING",
            ["hostReady"] = _workflows is not null,
            ["placement"] = "",
            ["activeActors"] = new JsonArray([.. types.Select(type => (JsonNode?)new JsonObject
            {
                ["type"] = $"dapr.internal.{options.Namespace}.{options.AppId}.{type}",
            })]),
        };
    }
}
