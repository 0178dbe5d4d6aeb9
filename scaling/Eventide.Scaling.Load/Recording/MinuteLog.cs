namespace Eventide.Scaling.Load.Recording;

/// <summary>What was intended in each simulated minute and how late its slowest answer was. Thread-safe.</summary>
internal sealed class MinuteLog(LoadPlan plan)
{
    // The last ones are for what visits and purchases go on with after the end.
    private readonly Minute[] _minutes = [.. Enumerable.Range(0, (int)Math.Ceiling(plan.Duration.TotalMinutes) + 1).Select(_ => new Minute())];

    /// <param name="due">When something was intended, in real time since the run began.</param>
    public void Intend(TimeSpan due) => Interlocked.Increment(ref At(due).Intended);

    /// <param name="isLate">By more than the plan allows, or without an answer.</param>
    public void Record(TimeSpan due, TimeSpan latency, bool isLate)
    {
        var minute = At(due);
        Interlocked.Add(ref minute.Late, isLate ? 1 : 0);
        for (var seen = Volatile.Read(ref minute.SlowestTicks); latency.Ticks > seen; seen = Volatile.Read(ref minute.SlowestTicks))
        {
            Interlocked.CompareExchange(ref minute.SlowestTicks, latency.Ticks, seen);
        }
    }

    /// <summary>Those in which something was intended.</summary>
    public IReadOnlyList<MinuteResult> ToResult() =>
    [
        .. _minutes.Index().Where(entry => Volatile.Read(ref entry.Item.Intended) > 0).Select(entry => new MinuteResult(
            plan.Begin + TimeSpan.FromMinutes(entry.Index), Volatile.Read(ref entry.Item.Intended), Volatile.Read(ref entry.Item.Late),
            Math.Round(TimeSpan.FromTicks(Volatile.Read(ref entry.Item.SlowestTicks)).TotalMilliseconds, 1))),
    ];

    private Minute At(TimeSpan due) => _minutes[(int)Math.Clamp((due * plan.Compression).TotalMinutes, 0, _minutes.Length - 1)];

    private sealed class Minute
    {
        public long Intended;
        public long Late;
        public long SlowestTicks;
    }
}
