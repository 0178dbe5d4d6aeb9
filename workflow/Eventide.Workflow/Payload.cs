namespace Dapr.Workflow;

/// <summary>Payloads on their way into the code.</summary>
internal static class Payload
{
    /// <summary>The input as what the code takes. Nothing is an input for a type that can be null, and an error that says so for one that cannot.</summary>
    public static T As<T>(object? input) => input switch
    {
        T value => value,
        null when default(T) is null => default!,
        null => throw new ArgumentException($"An input of type {typeof(T).Name} is required, but none was given."),
        _ => throw new ArgumentException($"An input of type {typeof(T).Name} is required, but a {input.GetType().Name} was given."),
    };
}
