namespace Dapr.Workflow;

/// <summary>A child workflow that an ancestor called.</summary>
/// <param name="Name">The child's name.</param>
/// <param name="Status">Where the call stood.</param>
/// <param name="Output">The serialised result, if there was one.</param>
/// <param name="FailureDetails">The failure, if it failed.</param>
public sealed record PropagatedHistoryWorkflowResult(
    string Name,
    PropagatedHistoryStatus Status,
    string? Output,
    WorkflowTaskFailureDetails? FailureDetails);
