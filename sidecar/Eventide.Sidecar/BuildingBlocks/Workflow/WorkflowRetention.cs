using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>How long ended instances are kept, by how they ended; null keeps them until they are purged (Dapr: workflow.stateRetentionPolicy).</summary>
internal sealed record WorkflowRetention(TimeSpan? Completed, TimeSpan? Failed, TimeSpan? Terminated)
{
    /// <summary>The shortest; null when all are kept.</summary>
    public TimeSpan? Shortest => new[] { Completed, Failed, Terminated }.Min();

    /// <summary>Until when an instance is kept that ends now.</summary>
    public DateTimeOffset Until(WorkflowStatus status, DateTimeOffset now)
    {
        var kept = status switch
        {
            WorkflowStatus.Completed => Completed,
            WorkflowStatus.Failed => Failed,
            _ => Terminated,
        };
        return kept is { } time && time < DateTimeOffset.MaxValue - now ? now + time : DateTimeOffset.MaxValue;
    }
}
