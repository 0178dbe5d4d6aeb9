using Dapr.Workflow.Abstractions;

namespace Dapr.Workflow;

/// <summary>
/// Base of activities: where a workflow does its I/O. An activity is delivered at least once, so its effect must be idempotent;
/// <see cref="WorkflowActivityContext.TaskExecutionKey"/> is the same for every delivery of one call. Constructor parameters come from a DI scope of its own.
/// </summary>
/// <typeparam name="TInput">What the workflow passes; JSON-serialisable.</typeparam>
/// <typeparam name="TOutput">What the workflow gets; JSON-serialisable.</typeparam>
public abstract class WorkflowActivity<TInput, TOutput> : IWorkflowActivity
{
    Type IWorkflowActivity.InputType => typeof(TInput);

    Type IWorkflowActivity.OutputType => typeof(TOutput);

    /// <inheritdoc/>
    public async Task<object?> RunAsync(WorkflowActivityContext context, object? input) => await RunAsync(context, Payload.As<TInput>(input));

    /// <summary>The activity's code. An exception reaches the workflow as a <see cref="WorkflowTaskFailedException"/>.</summary>
    public abstract Task<TOutput> RunAsync(WorkflowActivityContext context, TInput input);
}
