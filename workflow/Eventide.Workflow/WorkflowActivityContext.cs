using Dapr.Workflow.Abstractions;

namespace Dapr.Workflow;

/// <summary>What an activity knows of the call it serves.</summary>
public abstract class WorkflowActivityContext
{
    /// <summary>The name under which the activity was called.</summary>
    public abstract TaskIdentifier Identifier { get; }

    /// <summary>The same for every delivery of one call: an idempotency key.</summary>
    public abstract string TaskExecutionKey { get; }

    /// <summary>The instance that called.</summary>
    public abstract string InstanceId { get; }
}
