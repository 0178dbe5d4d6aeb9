namespace Eventide.Inventory.Domain;

/// <summary>
/// How long a handler may change stock after it looked at the reservation. One that was stalled for longer stops: meanwhile the order may have been released or
/// sold, and the marks that would tell may be gone.
/// </summary>
internal sealed class HandlerDeadline(TimeProvider time)
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly long _started = time.GetTimestamp();

    /// <summary>The time for a change that is about to be written.</summary>
    /// <exception cref="TimeoutException">It is too late to write.</exception>
    public DateTimeOffset Now() => time.GetElapsedTime(_started) < Limit
        ? time.GetUtcNow()
        : throw new TimeoutException($"The handler was at work for {Limit.TotalSeconds} s and stops; the message is delivered again.");
}
