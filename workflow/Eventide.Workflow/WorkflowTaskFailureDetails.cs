namespace Dapr.Workflow;

/// <summary>An error that crossed a process border: its type by name, its message, its stack as text.</summary>
/// <param name="errorType">Full name of the exception's type, or a code of the worker such as ActivityNotFoundException.</param>
/// <param name="errorMessage">The exception's message.</param>
/// <param name="stackTrace">Where it was thrown, if known.</param>
public class WorkflowTaskFailureDetails(string errorType, string errorMessage, string? stackTrace = null)
{
    /// <summary>Full name of the exception's type.</summary>
    public string ErrorType { get; } = errorType ?? throw new ArgumentNullException(nameof(errorType));

    /// <summary>The exception's message.</summary>
    public string ErrorMessage { get; } = errorMessage ?? throw new ArgumentNullException(nameof(errorMessage));

    /// <summary>Where it was thrown; null when unknown.</summary>
    public string? StackTrace { get; } = stackTrace;

    /// <summary>Whether the error is a <typeparamref name="T"/>. False also when this process cannot find the error's type.</summary>
    public bool IsCausedBy<T>() where T : Exception => FindType() is { } type && typeof(T).IsAssignableFrom(type);

    /// <inheritdoc/>
    public override string ToString() => $"{ErrorType}: {ErrorMessage}";

    /// <summary>A type name without its assembly is looked up in every loaded assembly: exceptions are rarely defined in this library.</summary>
    private Type? FindType()
    {
        if (Type.GetType(ErrorType, throwOnError: false) is { } known)
            return known;

        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            if (assembly.GetType(ErrorType, throwOnError: false) is { } found)
                return found;
        }

        return null;
    }
}
