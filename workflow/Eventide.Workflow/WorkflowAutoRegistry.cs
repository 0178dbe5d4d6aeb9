namespace Dapr.Workflow;

/// <summary>Registrations that generated code adds for all workers of the process. Thread-safe.</summary>
public static class WorkflowAutoRegistry
{
    private static readonly Lock Lock = new();
    private static readonly List<Action<WorkflowRuntimeOptions>> Registrations = [];

    /// <summary>Adds a registration once; explicit registrations of the same name win.</summary>
    public static void Register(Action<WorkflowRuntimeOptions> registration)
    {
        ArgumentNullException.ThrowIfNull(registration);
        lock (Lock)
        {
            if (!Registrations.Contains(registration))
                Registrations.Add(registration);
        }
    }

    internal static void Apply(WorkflowRuntimeOptions options)
    {
        Action<WorkflowRuntimeOptions>[] all;
        lock (Lock)
        {
            all = [.. Registrations];
        }

        foreach (var registration in all)
            registration(options);
    }
}
