using System.Diagnostics.CodeAnalysis;

namespace Dapr.Workflow;

/// <summary>The histories that the ancestors of an instance handed on to it. Names and app ids are compared without regard to case.</summary>
/// <param name="events">One entry per ancestor.</param>
public sealed class PropagatedHistory(IReadOnlyList<PropagatedHistoryEvent> events)
{
    /// <summary>One entry per ancestor.</summary>
    public IReadOnlyList<PropagatedHistoryEvent> Events { get; } = events ?? throw new ArgumentNullException(nameof(events));

    /// <summary>The apps that the ancestors ran in, each once, in order.</summary>
    public IReadOnlyList<string> GetAppIds() => [.. Events.Select(entry => entry.AppId).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>The ancestors that ran the workflow <paramref name="name"/>.</summary>
    public IReadOnlyList<PropagatedHistoryEvent> GetEventsByWorkflowName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return [.. Events.Where(entry => string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase))];
    }

    /// <summary>The last ancestor that ran the workflow <paramref name="name"/>.</summary>
    public bool TryGetLastWorkflowEventByName(string name, [NotNullWhen(true)] out PropagatedHistoryEvent? result)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        result = Events.LastOrDefault(entry => string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase));
        return result is not null;
    }

    /// <summary>The ancestors that ran in an app.</summary>
    public IReadOnlyList<PropagatedHistoryEvent> GetByAppId(string appId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(appId);
        return [.. Events.Where(entry => string.Equals(entry.AppId, appId, StringComparison.OrdinalIgnoreCase))];
    }

    /// <summary>The entries of one instance.</summary>
    public IReadOnlyList<PropagatedHistoryEvent> GetByInstanceId(string instanceId)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(instanceId);
        return [.. Events.Where(entry => string.Equals(entry.InstanceId, instanceId, StringComparison.Ordinal))];
    }
}
