using Microsoft.Extensions.Logging;

namespace Dapr.Workflow;

/// <summary>
/// All that workflow code may use: durable calls, waits, the clock, identifiers. Not thread-safe: it is used by the workflow's own code only, and only its tasks
/// may be awaited there. Awaiting anything else (Task.Delay, Task.Run, an HTTP call) fails the instance with an error that says so.
/// </summary>
public abstract class WorkflowContext : IWorkflowContext
{
    /// <summary>The workflow's name.</summary>
    public abstract string Name { get; }

    /// <summary>The instance's id.</summary>
    public abstract string InstanceId { get; }

    /// <summary>The clock: when the current turn began. The same in every replay; it stands still between two awaits.</summary>
    public abstract DateTime CurrentUtcDateTime { get; }

    /// <summary>Whether the code runs over what already happened. Not for decisions, only for effects that must not repeat.</summary>
    public abstract bool IsReplaying { get; }

    /// <summary>
    /// Whether this instance takes the patched path: true for instances that reach this point for the first time after the patch was deployed, false for those that
    /// had passed it before.
    /// </summary>
    public abstract bool IsPatched(string patchName);

    /// <inheritdoc cref="CallActivityAsync{T}"/>
    public virtual Task CallActivityAsync(string name, object? input = null, WorkflowTaskOptions? options = null) =>
        CallActivityAsync<object>(name, input, options);

    /// <summary>Has an activity run, at least once, and gives its result.</summary>
    /// <exception cref="WorkflowTaskFailedException">It failed, after the retries that <paramref name="options"/> ask for.</exception>
    public abstract Task<T> CallActivityAsync<T>(string name, object? input = null, WorkflowTaskOptions? options = null);

    /// <summary>A durable pause from now on.</summary>
    public virtual Task CreateTimer(TimeSpan delay, CancellationToken cancellationToken = default) =>
        CreateTimer(CurrentUtcDateTime.Add(delay), cancellationToken);

    /// <summary>A durable pause until a time, which is UTC.</summary>
    /// <exception cref="TaskCanceledException">The workflow's code cancelled the token.</exception>
    public abstract Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken);

    /// <summary>
    /// The next event of that name, compared without regard to case. Events that arrived before are kept; each goes to one waiter, in order of arrival.
    /// </summary>
    /// <exception cref="TaskCanceledException">The workflow's code cancelled the token. A wait that was given up takes no event.</exception>
    public abstract Task<T> WaitForExternalEventAsync<T>(string eventName, CancellationToken cancellationToken = default);

    /// <summary>The next event of that name, within a time; negative waits for ever.</summary>
    /// <exception cref="TaskCanceledException">The time is over. The wait takes no event any more.</exception>
    public virtual async Task<T> WaitForExternalEventAsync<T>(string eventName, TimeSpan timeout)
    {
        using var timerCancellation = new CancellationTokenSource();
        using var eventCancellation = new CancellationTokenSource();
        var timer = CreateTimer(timeout, timerCancellation.Token);
        var received = WaitForExternalEventAsync<T>(eventName, eventCancellation.Token);
        var first = await Task.WhenAny(received, timer);
        (first == received ? timerCancellation : eventCancellation).Cancel();
        return await received;
    }

    /// <summary>Sends an event to another instance.</summary>
    public abstract void SendEvent(string instanceId, string eventName, object payload);

    /// <summary>Shows a value in the instance's state, until the next call.</summary>
    public abstract void SetCustomStatus(object? customStatus);

    /// <summary>Runs another workflow as a child and gives its result.</summary>
    /// <exception cref="WorkflowTaskFailedException">It failed or was terminated, after the retries that <paramref name="options"/> ask for.</exception>
    public abstract Task<TResult> CallChildWorkflowAsync<TResult>(string workflowName, object? input = null, ChildWorkflowTaskOptions? options = null);

    /// <inheritdoc cref="CallChildWorkflowAsync{TResult}"/>
    public virtual Task CallChildWorkflowAsync(string workflowName, object? input = null, ChildWorkflowTaskOptions? options = null) =>
        CallChildWorkflowAsync<object>(workflowName, input, options);

    /// <summary>A logger that is silent during replay.</summary>
    public abstract ILogger CreateReplaySafeLogger(string categoryName);

    /// <inheritdoc cref="CreateReplaySafeLogger(string)"/>
    public abstract ILogger CreateReplaySafeLogger(Type type);

    /// <inheritdoc cref="CreateReplaySafeLogger(string)"/>
    public abstract ILogger CreateReplaySafeLogger<T>();

    /// <summary>
    /// Starts the instance over with a new input and an empty history, as soon as the current code yields or returns. Return right after it; the result is not used.
    /// </summary>
    /// <param name="newInput">The input of the next run.</param>
    /// <param name="preserveUnprocessedEvents">Whether events that nobody waited for yet go along.</param>
    public abstract void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true);

    /// <summary>An identifier that is the same in every replay.</summary>
    public abstract Guid NewGuid();

    /// <summary>What the ancestors handed on to this instance; null when nothing was.</summary>
    public abstract PropagatedHistory? GetPropagatedHistory();
}
