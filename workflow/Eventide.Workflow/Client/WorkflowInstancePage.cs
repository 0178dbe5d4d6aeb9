namespace Dapr.Workflow.Client;

/// <summary>A page of the list of instances.</summary>
/// <param name="InstanceIds">The ids.</param>
/// <param name="ContinuationToken">Asks for the next page; null on the last one.</param>
public sealed record WorkflowInstancePage(IReadOnlyList<string> InstanceIds, string? ContinuationToken);
