namespace Dapr.Workflow.Replay;

/// <summary>What one execution is, apart from its history.</summary>
/// <param name="WorkflowName">The name it was started under.</param>
/// <param name="InstanceId">The instance.</param>
/// <param name="ExecutionId">The run of the instance, if the sidecar says so.</param>
/// <param name="AppId">The app, if the sidecar says so; calls to other apps name it as their source.</param>
/// <param name="PropagatedHistory">What its ancestors handed on.</param>
internal sealed record ExecutionIdentity(string WorkflowName, string InstanceId, string? ExecutionId, string? AppId, PropagatedHistory? PropagatedHistory);
