using Eventide.Scaling.Load.Recording;
using Eventide.Scaling.Load.Targets;

namespace Eventide.Scaling.Load.Running;

/// <summary>Sends every action when it is due and measures from then. Thread-safe.</summary>
internal sealed class ActionSender(LoadPlan plan, LoadClock clock)
{
    private readonly ActionCounter[] _counters = [.. Enum.GetValues<ActionKind>().Select(kind => new ActionCounter(kind, plan.LateAfter))];
    private readonly LatencyHistogram _lateness = new();
    private readonly MinuteLog _minutes = new(plan);
    private readonly TimeSpan _processorTime = ProcessorTime;
    private int _unanswered;
    private int _mostUnanswered;

    /// <summary>Actions without an answer now.</summary>
    public int Unanswered => Volatile.Read(ref _unanswered);

    private static TimeSpan ProcessorTime => Environment.CpuUsage.TotalTime;

    /// <summary>Waits until an action is due, sends it, and waits for its answer. Null when it was not sent, because too many are without an answer.</summary>
    /// <param name="due">When it is intended; its latency counts from then.</param>
    /// <param name="possible">When it can be sent at the earliest, because of what it follows: what comes on top is the generator's own lateness.</param>
    public async Task<T?> SendAsync<T>(
        ActionKind kind, TimeSpan due, TimeSpan possible, Func<CancellationToken, Task<T>> send, Func<T, LoadAnswer> answerOf, CancellationToken cancellationToken)
        where T : struct
    {
        await clock.WaitUntilAsync(due, cancellationToken);
        var counter = _counters[(int)kind];
        counter.Intend();
        _minutes.Intend(due);
        var unanswered = Interlocked.Increment(ref _unanswered);
        try
        {
            if (unanswered > plan.MostUnanswered)
            {
                _minutes.Record(due, TimeSpan.Zero, isLate: true);
                return null;
            }

            Raise(unanswered);
            _lateness.Record(clock.Elapsed - (possible > due ? possible : due));
            counter.Send();
            var answer = await send(cancellationToken);
            var (verdict, latency) = (answerOf(answer).Verdict, clock.Elapsed - due);
            counter.Record(verdict, latency);
            _minutes.Record(due, latency, isLate: verdict == Verdict.Failed || latency > plan.LateAfter);
            return answer;
        }
        finally
        {
            Interlocked.Decrement(ref _unanswered);
        }
    }

    /// <summary>Every kind that was intended at least once.</summary>
    public IReadOnlyList<ActionResult> Results() => [.. _counters.Select(counter => counter.ToResult()).Where(result => result.Intended > 0)];

    public IReadOnlyList<MinuteResult> Minutes() => _minutes.ToResult();

    public GeneratorResult Generator()
    {
        var sent = _counters.Sum(counter => counter.Sent);
        return new GeneratorResult(
            _lateness.ToResult(), Volatile.Read(ref _mostUnanswered), sent == 0 ? 0 : Math.Round((ProcessorTime - _processorTime).TotalMicroseconds / sent, 1));
    }

    private void Raise(int unanswered)
    {
        for (var most = Volatile.Read(ref _mostUnanswered); unanswered > most; most = Volatile.Read(ref _mostUnanswered))
        {
            Interlocked.CompareExchange(ref _mostUnanswered, unanswered, most);
        }
    }
}
