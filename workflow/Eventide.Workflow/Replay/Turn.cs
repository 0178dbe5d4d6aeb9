using Microsoft.Extensions.Logging;

namespace Dapr.Workflow.Replay;

/// <summary>
/// The one thread on which workflow code may run, for as long as its turn lasts. Code that is found elsewhere awaited something that is not durable: then
/// <see cref="Violation"/> says where.
/// </summary>
internal sealed partial class Turn(string instanceId, ILogger logger)
{
    private volatile int _thread;
    private volatile IllegalAwaitException? _violation;

    /// <summary>The first use of the context from outside the turn.</summary>
    public IllegalAwaitException? Violation => _violation;

    /// <summary>Whether the caller runs inside the turn.</summary>
    public bool IsCurrent => _thread == Environment.CurrentManagedThreadId;

    public void Begin() => _thread = Environment.CurrentManagedThreadId;

    public void End() => _thread = 0;

    /// <summary>Refuses a use of the context from outside the turn.</summary>
    public void Guard(string member)
    {
        if (!IsCurrent)
            throw Note(member);
    }

    /// <summary>Whether a callback may go on. It must not throw: it runs inside whatever called it back.</summary>
    public bool Allows(string member)
    {
        if (IsCurrent)
            return true;

        Note(member);
        return false;
    }

    /// <summary>The turn may be answered by now, so the log may be the only place where anyone reads this.</summary>
    private IllegalAwaitException Note(string member)
    {
        var violation = IllegalAwaitException.Outside(member, CallSite.Capture());
        if (Interlocked.CompareExchange(ref _violation, violation, null) is null)
            LogViolation(instanceId, violation.Message);

        return violation;
    }

    [LoggerMessage(LogLevel.Error, "Workflow instance {InstanceId}: {Problem}")]
    private partial void LogViolation(string instanceId, string problem);
}
