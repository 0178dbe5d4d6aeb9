namespace Dapr.Workflow;

/// <summary>
/// Base of workflows written as code. The code is run again from the start whenever something happens to the instance, with everything it did before answered
/// from history; so it must do the same each time: time, identifiers and all I/O come from the <see cref="WorkflowContext"/>, and only its tasks are awaited.
/// </summary>
/// <typeparam name="TInput">What the workflow is started with; JSON-serialisable.</typeparam>
/// <typeparam name="TOutput">What it results in; JSON-serialisable.</typeparam>
public abstract class Workflow<TInput, TOutput> : IWorkflow
{
    Type IWorkflow.InputType => typeof(TInput);

    Type IWorkflow.OutputType => typeof(TOutput);

    async Task<object?> IWorkflow.RunAsync(WorkflowContext context, object? input) => await RunAsync(context, Payload.As<TInput>(input));

    /// <summary>The workflow's code. An exception that leaves it fails the instance.</summary>
    public abstract Task<TOutput> RunAsync(WorkflowContext context, TInput input);
}
