namespace Dapr.Workflow;

/// <summary>An activity that an ancestor called.</summary>
/// <param name="Name">The activity's name.</param>
/// <param name="Status">Where the call stood.</param>
/// <param name="Input">The serialised input.</param>
/// <param name="Output">The serialised result, if there was one.</param>
/// <param name="FailureDetails">The failure, if it failed.</param>
public sealed record PropagatedHistoryActivityResult(
    string Name,
    PropagatedHistoryStatus Status,
    string? Input,
    string? Output,
    WorkflowTaskFailureDetails? FailureDetails);
