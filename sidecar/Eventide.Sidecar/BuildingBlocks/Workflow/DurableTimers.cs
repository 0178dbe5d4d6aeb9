namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>Sets the timers of instances. They live in memory and follow from the history, so they need no storing. Thread-safe for different instances.</summary>
internal sealed class DurableTimers(TimeProvider time, BackgroundWork background)
{
    /// <summary>The timer of a start at a later time; ids of a workflow's own timers are not negative.</summary>
    public const int Start = -1;

    /// <summary>The timer that tries a stalled instance again.</summary>
    public const int Stalled = -2;

    // ITimer cannot wait longer than some 49 days; a longer wait is set again when this has passed.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(30);

    /// <summary>Fires once at <paramref name="due"/>, at once when that has passed, in place of an earlier timer of that id. The caller holds the gate.</summary>
    public void Set(ActiveInstance instance, int id, DateTimeOffset due, Func<Task> fire)
    {
        var wait = due - time.GetUtcNow();
        Func<Task> elapsed = wait > LongestWait ? () => instance.WithGateAsync(() => Set(instance, id, due, fire)) : fire;
        Cancel(instance, id);
        instance.Timers[id] = time.CreateTimer(
            _ => background.Run(elapsed), null, wait > LongestWait ? LongestWait : wait < TimeSpan.Zero ? TimeSpan.Zero : wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Stops the timer if it is set. The caller holds the gate.</summary>
    public static void Cancel(ActiveInstance instance, int id)
    {
        if (instance.Timers.Remove(id, out var timer))
        {
            timer.Dispose();
        }
    }
}
