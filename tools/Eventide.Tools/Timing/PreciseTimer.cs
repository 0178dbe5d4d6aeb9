using System.Diagnostics;

namespace Eventide.Tools.Timing;

/// <summary>
/// Waits that end a tenth of a millisecond after their time, where .NET's timers, which count in milliseconds, are two late. A thread of its own waits for the next
/// few milliseconds; what is further away is left to a timer. Thread-safe.
/// </summary>
internal sealed class PreciseTimer : IDisposable
{
    // Longer than a timer is late; shorter, so that the thread mostly sleeps.
    private static readonly TimeSpan LastPart = TimeSpan.FromMilliseconds(4);
    private static readonly long LongestSleep = Stopwatch.Frequency / 1000;
    private readonly Lock _lock = new();
    private readonly PriorityQueue<TaskCompletionSource, long> _waiting = new();
    private readonly SemaphoreSlim _someoneWaits = new(0);
    private readonly Thread _thread;
    private volatile bool _isDisposed;

    public PreciseTimer()
    {
        _thread = new Thread(Wake) { IsBackground = true, Name = "precise timer" };
        _thread.Start();
    }

    /// <summary>Waits until a <see cref="Stopwatch"/> timestamp; never returns before it.</summary>
    public async ValueTask WaitUntilAsync(long timestamp, CancellationToken cancellationToken)
    {
        for (var left = Left(timestamp); left > TimeSpan.Zero; left = Left(timestamp))
        {
            var far = (left - LastPart).TotalMilliseconds;
            if (far >= 1)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Floor(far)), cancellationToken);
            }
            else
            {
                await EnqueueAsync(timestamp);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Ends the thread. Nobody may wait any more.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _someoneWaits.Release();
        _thread.Join();
        _someoneWaits.Dispose();
    }

    private static TimeSpan Left(long timestamp) => Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), timestamp);

    private Task EnqueueAsync(long timestamp)
    {
        // Whoever goes on must not do so on the thread that has to wake the others.
        var wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _waiting.Enqueue(wake, timestamp);
            if (_waiting.Count == 1)
            {
                _someoneWaits.Release();
            }
        }

        return wake.Task;
    }

    private void Wake()
    {
        Pacer.PrepareThread();
        while (!_isDisposed)
        {
            _someoneWaits.Wait();
            while (!_isDisposed && WakeDue() is { } next)
            {
                // Not longer, because one that comes meanwhile may be due earlier.
                Pacer.WaitUntil(Math.Min(next, Stopwatch.GetTimestamp() + LongestSleep));
            }
        }
    }

    /// <summary>Wakes who is due, and answers when the next one is; null when nobody waits.</summary>
    private long? WakeDue()
    {
        lock (_lock)
        {
            while (_waiting.TryPeek(out var first, out var timestamp))
            {
                if (timestamp > Stopwatch.GetTimestamp())
                {
                    return timestamp;
                }

                _waiting.Dequeue();
                first.SetResult();
            }

            return null;
        }
    }
}
