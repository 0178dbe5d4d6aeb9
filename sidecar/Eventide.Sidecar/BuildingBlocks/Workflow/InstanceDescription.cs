using Eventide.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>What a client may know of an instance at one moment. Immutable.</summary>
internal sealed record InstanceDescription
{
    public required string Id { get; init; }

    public required WorkflowStatus Status { get; init; }

    /// <summary>The event that began this execution; null only for a history that lacks it.</summary>
    public ExecutionStartedEvent? Started { get; init; }

    /// <summary>When the instance was asked for.</summary>
    public Timestamp? CreatedAt { get; init; }

    /// <summary>When its first turn ran; null before.</summary>
    public Timestamp? StartedAt { get; init; }

    public Timestamp? UpdatedAt { get; init; }

    /// <summary>The event that ended it; null while it runs.</summary>
    public ExecutionCompletedEvent? Completed { get; init; }

    public Timestamp? CompletedAt { get; init; }

    public string? CustomStatus { get; init; }

    public bool IsSuspended { get; init; }

    public bool HasEnded => Completed is not null;
}
