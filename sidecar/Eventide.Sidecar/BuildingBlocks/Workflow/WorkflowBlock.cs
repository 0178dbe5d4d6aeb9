using System.Text.Json.Nodes;
using Eventide.Sidecar.BuildingBlocks.Metadata;
using Eventide.Sidecar.BuildingBlocks.State;
using Eventide.Sidecar.Hosting;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>Workflows of one app: opens the engine on the actor state store. Without such a store every call says so.</summary>
internal sealed class WorkflowBlock(ActorStateStore actorStore, SidecarOptions options, TimeProvider time, ILogger<WorkflowEngine> log)
    : IBuildingBlock, IMetadataContributor
{
    private WorkflowEngine? _engine;

    /// <summary>The connected workers.</summary>
    public WorkerHub Workers { get; } = new();

    /// <summary>The engine. Throws when no actor state store is configured.</summary>
    public WorkflowEngine Engine => _engine ?? throw WorkflowErrors.NoActorStateStore();

    /// <inheritdoc/>
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        if (actorStore.Find() is { } store)
        {
            _engine = new WorkflowEngine(new WorkflowStore(store, new WorkflowKeys(options.AppId, options.Namespace)), Workers, time, log);
            await _engine.RecoverAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Workers.DisconnectAll();
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public void Describe(JsonObject metadata)
    {
        var workers = Workers.Count;
        metadata["workflows"] = new JsonObject { ["connectedWorkers"] = workers };
        string[] types = workers == 0 || _engine is null ? [] : ["activity", "retentioner", "workflow"];
        metadata["actorRuntime"] = new JsonObject
        {
            ["runtimeStatus"] = _engine is null ? "DISABLED" : "RUNNING",
            ["hostReady"] = _engine is not null,
            ["placement"] = "",
            ["activeActors"] = new JsonArray([.. types.Select(type => (JsonNode?)new JsonObject
            {
                ["type"] = $"dapr.internal.{options.Namespace}.{options.AppId}.{type}",
            })]),
        };
    }
}
