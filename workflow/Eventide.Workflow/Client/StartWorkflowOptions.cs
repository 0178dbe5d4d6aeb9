namespace Dapr.Workflow.Client;

/// <summary>How an instance is started.</summary>
public sealed class StartWorkflowOptions
{
    /// <summary>The instance's id; null takes a random one.</summary>
    public string? InstanceId { get; set; }

    /// <summary>When it starts; null at once.</summary>
    public DateTimeOffset? StartAt { get; set; }
}
