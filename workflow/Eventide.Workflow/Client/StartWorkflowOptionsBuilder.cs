namespace Dapr.Workflow.Client;

/// <summary>Builds <see cref="StartWorkflowOptions"/>.</summary>
public sealed class StartWorkflowOptionsBuilder
{
    private string? _instanceId;
    private DateTimeOffset? _startAt;

    /// <summary>Sets the instance's id.</summary>
    public StartWorkflowOptionsBuilder WithInstanceId(string instanceId)
    {
        _instanceId = instanceId;
        return this;
    }

    /// <summary>Sets when it starts.</summary>
    public StartWorkflowOptionsBuilder StartAt(DateTimeOffset startAt)
    {
        _startAt = startAt;
        return this;
    }

    /// <summary>Sets when it starts, from now on.</summary>
    public StartWorkflowOptionsBuilder StartAfter(TimeSpan delay) => StartAt(TimeProvider.System.GetUtcNow() + delay);

    /// <summary>The options.</summary>
    public StartWorkflowOptions Build() => new() { InstanceId = _instanceId, StartAt = _startAt };

    /// <summary>The options.</summary>
    public static implicit operator StartWorkflowOptions(StartWorkflowOptionsBuilder builder) => builder.Build();
}
