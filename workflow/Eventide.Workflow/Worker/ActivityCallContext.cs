using Dapr.Workflow.Abstractions;

namespace Dapr.Workflow.Worker;

/// <inheritdoc/>
internal sealed class ActivityCallContext(string name, string instanceId, string taskExecutionKey) : WorkflowActivityContext
{
    public override TaskIdentifier Identifier { get; } = new(name);

    public override string TaskExecutionKey { get; } = taskExecutionKey;

    public override string InstanceId { get; } = instanceId;
}
