using Eventide.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace Dapr.Workflow.Replay;

internal sealed partial class ReplayContext
{
    /// <summary>A timer that never fires: 9999-12-31T23:59:59.999999999Z, how Dapr writes a wait without an end.</summary>
    private static readonly Timestamp Never = new() { Seconds = 253402300799, Nanos = 999999999 };

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        Turn.Guard(nameof(CreateTimer));
        return SetTimerAsync(new CreateTimerAction { CreateTimer = new TimerOriginCreateTimer() }, fireAt, cancellationToken);
    }

    public override async Task<T> WaitForExternalEventAsync<T>(string eventName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(eventName);
        Turn.Guard(nameof(WaitForExternalEventAsync));
        var source = Events.Wait(eventName);
        using var cancellation = CancelWith(cancellationToken, source);
        return Deserialize<T>((await source.Task).EventRaised.Input);
    }

    /// <summary>One timer beside the wait, set even when the event is there already: what is called must not depend on what arrived first.</summary>
    public override async Task<T> WaitForExternalEventAsync<T>(string eventName, TimeSpan timeout)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(eventName);
        Turn.Guard(nameof(WaitForExternalEventAsync));
        if (timeout == TimeSpan.Zero)
            throw new TaskCanceledException($"The wait for event '{eventName}' has no time: its timeout is zero.");

        using var timerCancellation = new CancellationTokenSource();
        using var waitCancellation = new CancellationTokenSource();
        var limit = new CreateTimerAction { ExternalEvent = new TimerOriginExternalEvent { Name = eventName } };
        var over = timeout < TimeSpan.Zero
            ? SetTimerAsync(limit, Never, timerCancellation.Token)
            : SetTimerAsync(limit, CurrentUtcDateTime + timeout, timerCancellation.Token);
        var received = WaitForExternalEventAsync<T>(eventName, waitCancellation.Token);
        var first = await Task.WhenAny(received, over);
        (first == received ? timerCancellation : waitCancellation).Cancel();
        return await received;
    }

    private Task SetTimerAsync(CreateTimerAction timer, DateTime fireAt, CancellationToken cancellationToken) =>
        SetTimerAsync(timer, ToTimestamp(fireAt), cancellationToken);

    private async Task SetTimerAsync(CreateTimerAction timer, Timestamp fireAt, CancellationToken cancellationToken)
    {
        timer.FireAt = fireAt;
        var source = Calls.Add(new WorkflowAction { CreateTimer = timer }).Outcome!;
        using var cancellation = CancelWith(cancellationToken, source);
        await source.Task;
    }

    /// <summary>Gives up a wait when the code cancels the token. A token that something else cancels, such as a clock, is not durable and is refused.</summary>
    private CancellationTokenRegistration CancelWith(CancellationToken cancellationToken, TaskCompletionSource<HistoryEvent> source) =>
        cancellationToken.Register(() =>
        {
            if (Turn.Allows("a CancellationToken"))
                source.TrySetCanceled(cancellationToken);
        });
}
