using Eventide.Workflow.Protocol;

namespace Dapr.Workflow.Replay;

/// <summary>Errors as they cross the wire.</summary>
internal static class Failures
{
    public static TaskFailureDetails From(Exception exception, bool isNonRetriable = false) => new()
    {
        ErrorType = exception.GetType().FullName ?? exception.GetType().Name,
        ErrorMessage = exception.Message,
        StackTrace = exception.StackTrace ?? string.Empty,
        InnerFailure = exception.InnerException is { } inner ? From(inner) : null,
        IsNonRetriable = isNonRetriable,
    };

    public static TaskFailureDetails From(string code, string message, bool isNonRetriable = false) => new()
    {
        ErrorType = code,
        ErrorMessage = message,
        StackTrace = string.Empty,
        IsNonRetriable = isNonRetriable,
    };
}
