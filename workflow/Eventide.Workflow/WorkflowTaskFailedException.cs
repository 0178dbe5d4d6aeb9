namespace Dapr.Workflow;

/// <summary>An activity or a child workflow failed, after its retries if it had any.</summary>
/// <param name="message">What failed.</param>
/// <param name="failureDetails">The error as the other side reported it.</param>
public class WorkflowTaskFailedException(string message, WorkflowTaskFailureDetails failureDetails) : Exception(message)
{
    /// <summary>The error as the other side reported it.</summary>
    public WorkflowTaskFailureDetails FailureDetails { get; } = failureDetails ?? throw new ArgumentNullException(nameof(failureDetails));
}
