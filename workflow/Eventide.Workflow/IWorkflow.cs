namespace Dapr.Workflow;

/// <summary>A workflow as the worker sees it. Implement <see cref="Workflow{TInput,TOutput}"/> instead.</summary>
public interface IWorkflow
{
    /// <summary>The type that the input is read as.</summary>
    Type InputType { get; }

    /// <summary>The type of the result.</summary>
    Type OutputType { get; }

    /// <summary>Runs the workflow code, which is replayed from its start in every turn.</summary>
    Task<object?> RunAsync(WorkflowContext context, object? input);
}
