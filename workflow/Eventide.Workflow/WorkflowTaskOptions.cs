namespace Dapr.Workflow;

/// <summary>How an activity is called.</summary>
/// <param name="RetryPolicy">Repeats a failed call; null does not.</param>
/// <param name="TargetAppId">The app that runs it; null is the workflow's own.</param>
/// <param name="PropagationScope">How much history goes with the call.</param>
public record WorkflowTaskOptions(
    WorkflowRetryPolicy? RetryPolicy = null,
    string? TargetAppId = null,
    HistoryPropagationScope PropagationScope = HistoryPropagationScope.None)
{
    /// <summary>A copy with another <see cref="PropagationScope"/>.</summary>
    public WorkflowTaskOptions WithHistoryPropagation(HistoryPropagationScope scope) => this with { PropagationScope = scope };
}
