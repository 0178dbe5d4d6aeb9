using System.Diagnostics.CodeAnalysis;

namespace Dapr.Workflow;

/// <summary>The history of one ancestor, as far as it was handed on. Names are compared without regard to case.</summary>
/// <param name="instanceId">The ancestor.</param>
/// <param name="appId">The app it ran in.</param>
/// <param name="name">Its workflow's name.</param>
/// <param name="activities">The activities it called, in order.</param>
/// <param name="childWorkflows">The child workflows it called, in order.</param>
public sealed class PropagatedHistoryEvent(
    string instanceId,
    string appId,
    string name,
    IReadOnlyList<PropagatedHistoryActivityResult> activities,
    IReadOnlyList<PropagatedHistoryWorkflowResult> childWorkflows)
{
    /// <summary>The ancestor.</summary>
    public string InstanceId { get; } = instanceId ?? throw new ArgumentNullException(nameof(instanceId));

    /// <summary>The app it ran in.</summary>
    public string AppId { get; } = appId ?? throw new ArgumentNullException(nameof(appId));

    /// <summary>Its workflow's name.</summary>
    public string Name { get; } = name ?? throw new ArgumentNullException(nameof(name));

    /// <summary>The activities it called, in order.</summary>
    public IReadOnlyList<PropagatedHistoryActivityResult> Activities { get; } = activities ?? throw new ArgumentNullException(nameof(activities));

    /// <summary>The child workflows it called, in order.</summary>
    public IReadOnlyList<PropagatedHistoryWorkflowResult> Workflows { get; } = childWorkflows ?? throw new ArgumentNullException(nameof(childWorkflows));

    /// <summary>Its calls of one activity, in order.</summary>
    public IReadOnlyList<PropagatedHistoryActivityResult> GetActivitiesByName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return [.. Activities.Where(activity => Same(activity.Name, name))];
    }

    /// <summary>Its last call of one activity.</summary>
    public bool TryGetLastActivityByName(string name, [NotNullWhen(true)] out PropagatedHistoryActivityResult? result)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        result = Activities.LastOrDefault(activity => Same(activity.Name, name));
        return result is not null;
    }

    /// <summary>Its calls of one child workflow, in order.</summary>
    public IReadOnlyList<PropagatedHistoryWorkflowResult> GetWorkflowsByName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return [.. Workflows.Where(workflow => Same(workflow.Name, name))];
    }

    /// <summary>Its last call of one child workflow.</summary>
    public bool TryGetLastWorkflowByName(string name, [NotNullWhen(true)] out PropagatedHistoryWorkflowResult? result)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        result = Workflows.LastOrDefault(workflow => Same(workflow.Name, name));
        return result is not null;
    }

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
