namespace Dapr.Workflow.Replay;

/// <summary>Workflow code waited for something that is not in its history and so can neither be replayed nor survive a restart.</summary>
internal sealed class IllegalAwaitException : Exception
{
    private const string Instead =
        "Workflow code may only await tasks of its workflow context: use context.CreateTimer instead of Task.Delay, and call an activity for I/O, for Task.Run and " +
        "for anything else that takes time.";

    private IllegalAwaitException(string what)
        : base($"{what} {Instead}")
    {
    }

    /// <summary>The code waits, but for nothing that a turn could bring.</summary>
    public static IllegalAwaitException Stuck(int calls) =>
        new($"After {calls} durable {(calls == 1 ? "call" : "calls")} the workflow waits for something that is not durable.");

    /// <summary>The code went on outside its turn, so what it had awaited was not of the context.</summary>
    public static IllegalAwaitException Outside(string member, CallSite site) =>
        new($"{site} uses {member} outside the workflow's own turn: what the code awaited before that was not durable.");

    /// <summary>The code ended outside its turn.</summary>
    public static IllegalAwaitException EndedOutside() => new("The workflow ended outside its own turn: the last thing that the code awaited was not durable.");
}
