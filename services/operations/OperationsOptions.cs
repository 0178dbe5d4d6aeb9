namespace Eventide.Operations;

/// <summary>What operations keeps, and for how long.</summary>
public sealed class OperationsOptions
{
    /// <summary>An order that has not ended after this time is stuck. The default is 15 minutes: more than twice the saga's longest wait for one step.</summary>
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>So long timelines are kept after their last event. The default is 30 days, as long as order documents.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// So long a dead letter is kept after it was redriven or discarded. The default is 30 days. One that waits is kept until somebody deals with it, however old.
    /// </summary>
    public TimeSpan DeadLetterRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How often old dead letters are looked for. The default is an hour.</summary>
    public TimeSpan DeadLetterSweepInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>So many changes may wait for a reader of the stream; one that falls further behind is let go. The default is 1000.</summary>
    public int StreamBuffer { get; set; } = 1000;
}
