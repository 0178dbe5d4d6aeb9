using Eventide.Scaling.Load.Recording;
using Eventide.Scaling.Load.Targets;

namespace Eventide.Scaling.Load.Running;

/// <summary>The numbers of one kind of action. Thread-safe.</summary>
internal sealed class ActionCounter(ActionKind kind, TimeSpan lateAfter)
{
    private readonly LatencyHistogram _latency = new();
    private readonly long[] _byVerdict = new long[3];
    private long _intended;
    private long _sent;
    private long _late;

    public long Sent => Volatile.Read(ref _sent);

    public void Intend() => Interlocked.Increment(ref _intended);

    public void Send() => Interlocked.Increment(ref _sent);

    /// <param name="latency">From the intended time. That of a failure counts too: leaving it out would make a shop faster that fails.</param>
    public void Record(Verdict verdict, TimeSpan latency)
    {
        _latency.Record(latency);
        Interlocked.Increment(ref _byVerdict[(int)verdict]);
        if (verdict == Verdict.Answered && latency > lateAfter)
        {
            Interlocked.Increment(ref _late);
        }
    }

    public ActionResult ToResult()
    {
        long Count(Verdict verdict) => Volatile.Read(ref _byVerdict[(int)verdict]);
        return new ActionResult(
            kind, Volatile.Read(ref _intended), Sent, Count(Verdict.Answered), Count(Verdict.Refused), Count(Verdict.Failed), Volatile.Read(ref _late), _latency.ToResult());
    }
}
