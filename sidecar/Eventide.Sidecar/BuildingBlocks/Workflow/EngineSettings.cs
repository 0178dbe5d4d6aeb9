namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>What an engine is told.</summary>
/// <param name="AppId">The app whose workflows it runs.</param>
/// <param name="MaxBodySize">The largest gRPC message in bytes; an instance whose next turn would be larger stalls. 0 means no limit.</param>
/// <param name="Retention">How long ended instances are kept.</param>
internal sealed record EngineSettings(string AppId, long MaxBodySize, WorkflowRetention Retention);
