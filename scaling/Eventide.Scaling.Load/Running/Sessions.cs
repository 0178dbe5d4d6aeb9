using System.Runtime.ExceptionServices;

namespace Eventide.Scaling.Load.Running;

/// <summary>
/// What runs beside the schedule: each visit, purchase and transmission until it has ended. Only a count is kept, so that a run of any length takes the same memory.
/// One that throws stops all. Thread-safe.
/// </summary>
internal sealed class Sessions(CancellationTokenSource stop)
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _failure;
    private int _running = 1;

    /// <summary>Adds one that has begun.</summary>
    public void Add(Task session)
    {
        if (session.IsCompletedSuccessfully)
        {
            return;
        }

        Interlocked.Increment(ref _running);
        _ = WatchAsync(session);
    }

    /// <summary>Waits until all have ended; none may be added any more.</summary>
    /// <exception cref="Exception">The first that one threw, unless all were stopped.</exception>
    public async Task DrainAsync()
    {
        Leave();
        await _drained.Task;
        if (_failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private async Task WatchAsync(Task session)
    {
        try
        {
            await session;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The run was stopped.
        }
        catch (Exception failure)
        {
            Interlocked.CompareExchange(ref _failure, failure, null);
            stop.Cancel();
        }
        finally
        {
            Leave();
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            _drained.SetResult();
        }
    }
}
