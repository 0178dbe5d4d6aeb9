namespace Dapr.Workflow;

/// <summary>How a child workflow is called.</summary>
/// <param name="InstanceId">The child's id; null takes a new one that is the same in every replay.</param>
/// <param name="RetryPolicy">Repeats a failed child, under the same id if one is given; null does not.</param>
/// <param name="TargetAppId">The app that runs it; null is the workflow's own.</param>
/// <param name="PropagationScope">How much history goes with the call.</param>
public record ChildWorkflowTaskOptions(
    string? InstanceId = null,
    WorkflowRetryPolicy? RetryPolicy = null,
    string? TargetAppId = null,
    HistoryPropagationScope PropagationScope = HistoryPropagationScope.None)
    : WorkflowTaskOptions(RetryPolicy, TargetAppId, PropagationScope)
{
    /// <summary>A copy with another <see cref="WorkflowTaskOptions.PropagationScope"/>.</summary>
    public new ChildWorkflowTaskOptions WithHistoryPropagation(HistoryPropagationScope scope) => this with { PropagationScope = scope };
}
