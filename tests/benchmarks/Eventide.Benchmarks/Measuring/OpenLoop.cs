using System.Diagnostics;
using Eventide.Tools.Timing;

namespace Eventide.Benchmarks.Measuring;

/// <summary>
/// Sends at a fixed rate whether or not earlier calls have been answered, and counts from the time at which a call was due: a server that stalls for 100 ms makes
/// 100 late calls at 1000/s, not one (what is known as coordinated omission otherwise).
/// </summary>
internal sealed class OpenLoop(double ratePerSecond)
{
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(10);

    /// <summary>Sends for <paramref name="duration"/>, then waits for what is still under way.</summary>
    /// <param name="call">One call; a throw counts as a failure.</param>
    /// <param name="latencies">Gets each call's time from when it was due to its answer.</param>
    /// <param name="lags">Gets each call's time from when it was due to when it was really sent: the driver's own share.</param>
    /// <exception cref="TimeoutException">Calls were still unanswered 10 seconds after the last one was sent.</exception>
    public async Task RunAsync(TimeSpan duration, Func<int, Task> call, LatencyRecorder latencies, LatencyRecorder lags, CancellationToken cancellationToken)
    {
        var calls = (int)(duration.TotalSeconds * ratePerSecond);
        using var pending = new CountdownEvent(calls + 1);
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sender = new Thread(() =>
        {
            Pacer.PrepareThread();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < calls; i++)
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    pending.Signal(calls - i);
                    break;
                }

                var due = start + (long)(i * (Stopwatch.Frequency / ratePerSecond));
                Pacer.WaitUntil(due);
                lags.Record(Stopwatch.GetTimestamp() - due);
                _ = CallAsync(call, i, due, latencies, () => Answered(pending, drained));
            }

            Answered(pending, drained);
        })
        { IsBackground = true, Name = "open loop" };
        sender.Start();
        await drained.Task.WaitAsync(duration + DrainPatience, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static void Answered(CountdownEvent pending, TaskCompletionSource drained)
    {
        if (pending.Signal())
        {
            drained.SetResult();
        }
    }

    private static async Task CallAsync(Func<int, Task> call, int index, long due, LatencyRecorder latencies, Action answered)
    {
        try
        {
            await call(index);
            latencies.Record(Stopwatch.GetTimestamp() - due);
        }
        catch (Exception)
        {
            latencies.RecordFailure();
        }
        finally
        {
            answered();
        }
    }
}
