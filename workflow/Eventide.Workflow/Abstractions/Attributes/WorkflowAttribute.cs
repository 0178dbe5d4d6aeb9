namespace Dapr.Workflow.Abstractions.Attributes;

/// <summary>Marks a class as a workflow, for tools that find workflows by attribute. Registration here is explicit.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class WorkflowAttribute : Attribute
{
    /// <summary>A workflow under the name of its class.</summary>
    public WorkflowAttribute()
    {
    }

    /// <summary>A workflow under <paramref name="name"/>.</summary>
    public WorkflowAttribute(string name) => Name = name;

    /// <summary>The name; null stands for the name of the class.</summary>
    public string? Name { get; }
}
