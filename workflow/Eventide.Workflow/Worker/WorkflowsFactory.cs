using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Dapr.Workflow.Abstractions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow.Worker;

/// <inheritdoc/>
internal sealed partial class WorkflowsFactory(ILogger<WorkflowsFactory> logger) : IWorkflowsFactory
{
    private readonly ConcurrentDictionary<string, Func<IServiceProvider, IWorkflow>> _workflows = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, Func<IServiceProvider, IWorkflowActivity>> _activities = new(StringComparer.OrdinalIgnoreCase);

    public void RegisterWorkflow<TWorkflow>(string? name = null)
        where TWorkflow : class, IWorkflow
    {
        var create = ActivatorUtilities.CreateFactory<TWorkflow>(Type.EmptyTypes);
        Add(_workflows, name ?? typeof(TWorkflow).Name, services => create(services, null));
    }

    public void RegisterWorkflow<TInput, TOutput>(string name, Func<WorkflowContext, TInput, Task<TOutput>> implementation)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(implementation);
        Add(_workflows, name, _ => new FunctionWorkflow<TInput, TOutput>(implementation));
    }

    public void RegisterActivity<TActivity>(string? name = null)
        where TActivity : class, IWorkflowActivity
    {
        var create = ActivatorUtilities.CreateFactory<TActivity>(Type.EmptyTypes);
        Add(_activities, name ?? typeof(TActivity).Name, services => create(services, null));
    }

    public void RegisterActivity<TInput, TOutput>(string name, Func<WorkflowActivityContext, TInput, Task<TOutput>> implementation)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(implementation);
        Add(_activities, name, _ => new FunctionActivity<TInput, TOutput>(implementation));
    }

    public bool TryCreateWorkflow(TaskIdentifier identifier, IServiceProvider serviceProvider, out IWorkflow? workflow, out Exception? activationException) =>
        TryCreate(_workflows, identifier, serviceProvider, out workflow, out activationException);

    public bool TryCreateActivity(TaskIdentifier identifier, IServiceProvider serviceProvider, out IWorkflowActivity? activity, out Exception? activationException) =>
        TryCreate(_activities, identifier, serviceProvider, out activity, out activationException);

    private void Add<T>(ConcurrentDictionary<string, Func<IServiceProvider, T>> factories, string name, Func<IServiceProvider, T> create)
    {
        if (!factories.TryAdd(name, create))
            LogAlreadyRegistered(name);
    }

    private static bool TryCreate<T>(
        ConcurrentDictionary<string, Func<IServiceProvider, T>> factories,
        TaskIdentifier identifier,
        IServiceProvider services,
        [NotNullWhen(true)] out T? created,
        out Exception? error)
        where T : class
    {
        created = null;
        error = null;
        if (!factories.TryGetValue(identifier.Name, out var create))
            return false;

        try
        {
            created = create(services);
            return true;
        }
        catch (Exception exception)
        {
            error = exception;
            return false;
        }
    }

    [LoggerMessage(LogLevel.Debug, "{Name} is registered already; the first registration stays")]
    private partial void LogAlreadyRegistered(string name);

    private sealed class FunctionWorkflow<TInput, TOutput>(Func<WorkflowContext, TInput, Task<TOutput>> implementation) : Workflow<TInput, TOutput>
    {
        public override Task<TOutput> RunAsync(WorkflowContext context, TInput input) => implementation(context, input);
    }

    private sealed class FunctionActivity<TInput, TOutput>(Func<WorkflowActivityContext, TInput, Task<TOutput>> implementation) : WorkflowActivity<TInput, TOutput>
    {
        public override Task<TOutput> RunAsync(WorkflowActivityContext context, TInput input) => implementation(context, input);
    }
}
