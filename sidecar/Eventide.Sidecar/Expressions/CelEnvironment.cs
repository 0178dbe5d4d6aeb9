namespace Eventide.Sidecar.Expressions;

/// <summary>The names that an expression may use, with their types, in the order in which values are passed. Immutable.</summary>
internal sealed class CelEnvironment(params (string Name, CelType Type)[] variables)
{
    /// <summary>Routing rules: the CloudEvent.</summary>
    public static CelEnvironment Message { get; } = new(("event", CelType.Map));

    /// <summary>The names, for messages.</summary>
    public string Names => string.Join(", ", variables.Select(variable => variable.Name));

    /// <summary>Finds a variable.</summary>
    public bool TryFind(string name, out int index, out CelType type)
    {
        index = Array.FindIndex(variables, variable => variable.Name == name);
        type = index < 0 ? CelType.Dyn : variables[index].Type;
        return index >= 0;
    }
}
