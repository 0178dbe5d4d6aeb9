using Dapr.Workflow;
using Dapr.Workflow.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Eventide.Workflow.Tests.Support;

/// <summary>A worker's inside without its stream: runs single turns of the workflows that a test registers.</summary>
internal sealed class Workflows : IDisposable
{
    private readonly ServiceProvider _services;

    public Workflows(Action<WorkflowRuntimeOptions> register, ILoggerProvider? logs = null, Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging =>
        {
            if (logs is not null)
                logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
        });
        services.AddDaprWorkflow(register);
        more?.Invoke(services);
        _services = services.BuildServiceProvider();
    }

    public WorkflowRunner Turns => _services.GetRequiredService<WorkflowRunner>();

    public ActivityRunner Activities => _services.GetRequiredService<ActivityRunner>();

    /// <summary>One workflow, named Test, as a function.</summary>
    public static Workflows Of<TOutput>(Func<WorkflowContext, Task<TOutput>> code, ILoggerProvider? logs = null) =>
        new(options => options.RegisterWorkflow<string, TOutput>("Test", (context, _) => code(context)), logs);

    public void Dispose() => _services.Dispose();
}
