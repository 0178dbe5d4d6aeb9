using Dapr.Common.Serialization;
using Dapr.Workflow.Client;
using Proto = Eventide.Workflow.Protocol;

namespace Dapr.Workflow;

/// <summary>Where an instance stood when it was asked for.</summary>
public sealed class WorkflowState
{
    private readonly Proto.WorkflowState? _state;
    private readonly IDaprSerializer _serializer;

    internal WorkflowState(Proto.WorkflowState? state, IDaprSerializer serializer)
    {
        _state = state;
        _serializer = serializer;
    }

    /// <summary>The workflow's name; null when there is no such instance.</summary>
    public string? WorkflowName => _state?.Name;

    /// <summary>Whether there is such an instance.</summary>
    public bool Exists => _state is not null;

    /// <summary>Whether it has started and not ended.</summary>
    public bool IsWorkflowRunning => RuntimeStatus == WorkflowRuntimeStatus.Running;

    /// <summary>Whether it has ended, with a result or without.</summary>
    public bool IsWorkflowCompleted =>
        RuntimeStatus is WorkflowRuntimeStatus.Completed or WorkflowRuntimeStatus.Failed or WorkflowRuntimeStatus.Terminated;

    /// <summary>When it was created; default when unknown.</summary>
    public DateTimeOffset CreatedAt => _state?.CreatedTimestamp?.ToDateTimeOffset() ?? default;

    /// <summary>When it last changed; default when unknown.</summary>
    public DateTimeOffset LastUpdatedAt => _state?.LastUpdatedTimestamp?.ToDateTimeOffset() ?? default;

    /// <summary>Its status; <see cref="WorkflowRuntimeStatus.Unknown"/> when there is no such instance.</summary>
    public WorkflowRuntimeStatus RuntimeStatus => _state is null ? WorkflowRuntimeStatus.Unknown : _state.WorkflowStatus.ToRuntimeStatus();

    /// <summary>Why it failed; null when it did not.</summary>
    public WorkflowTaskFailureDetails? FailureDetails => _state?.FailureDetails?.ToFailureDetails();

    /// <summary>The input; default when it was not asked for.</summary>
    public T? ReadInputAs<T>() => Read<T>(_state?.Input);

    /// <summary>The result; default when there is none or it was not asked for.</summary>
    public T? ReadOutputAs<T>() => Read<T>(_state?.Output);

    /// <summary>What the workflow shows; default when it shows nothing.</summary>
    public T? ReadCustomStatusAs<T>() => Read<T>(_state?.CustomStatus);

    private T? Read<T>(string? json) => string.IsNullOrEmpty(json) ? default : _serializer.Deserialize<T>(json);
}
