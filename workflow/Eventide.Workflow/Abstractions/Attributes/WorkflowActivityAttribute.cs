namespace Dapr.Workflow.Abstractions.Attributes;

/// <summary>Marks a class as an activity, for tools that find activities by attribute. Registration here is explicit.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class WorkflowActivityAttribute : Attribute
{
    /// <summary>An activity under the name of its class.</summary>
    public WorkflowActivityAttribute()
    {
    }

    /// <summary>An activity under <paramref name="name"/>.</summary>
    public WorkflowActivityAttribute(string name) => Name = name;

    /// <summary>The name; null stands for the name of the class.</summary>
    public string? Name { get; }
}
