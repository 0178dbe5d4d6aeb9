namespace Dapr.Workflow.Abstractions;

/// <summary>An activity as the worker sees it. Implement <see cref="WorkflowActivity{TInput,TOutput}"/> instead.</summary>
public interface IWorkflowActivity
{
    /// <summary>The type that the input is read as.</summary>
    Type InputType { get; }

    /// <summary>The type of the result.</summary>
    Type OutputType { get; }

    /// <summary>Runs the activity. It may run more than once for one call of the workflow.</summary>
    Task<object?> RunAsync(WorkflowActivityContext context, object? input);
}
