using Dapr.Workflow.Abstractions;

namespace Dapr.Workflow.Worker;

/// <summary>Knows the workflows and activities of an app by name and creates them. Names are compared without regard to case; the first registration wins.</summary>
public interface IWorkflowsFactory
{
    /// <summary>Registers a class; without a name, under the name of the class.</summary>
    void RegisterWorkflow<TWorkflow>(string? name = null) where TWorkflow : class, IWorkflow;

    /// <summary>Registers a function.</summary>
    void RegisterWorkflow<TInput, TOutput>(string name, Func<WorkflowContext, TInput, Task<TOutput>> implementation);

    /// <summary>Registers a class; without a name, under the name of the class.</summary>
    void RegisterActivity<TActivity>(string? name = null) where TActivity : class, IWorkflowActivity;

    /// <summary>Registers a function.</summary>
    void RegisterActivity<TInput, TOutput>(string name, Func<WorkflowActivityContext, TInput, Task<TOutput>> implementation);

    /// <summary>Creates a workflow.</summary>
    /// <returns>False when the name is unknown (no exception) or when its constructor or a dependency failed (the exception).</returns>
    bool TryCreateWorkflow(TaskIdentifier identifier, IServiceProvider serviceProvider, out IWorkflow? workflow, out Exception? activationException);

    /// <summary>Creates an activity.</summary>
    /// <returns>False when the name is unknown (no exception) or when its constructor or a dependency failed (the exception).</returns>
    bool TryCreateActivity(TaskIdentifier identifier, IServiceProvider serviceProvider, out IWorkflowActivity? activity, out Exception? activationException);
}
