using Eventide.Scaling.Local.Shops;
using Eventide.Tools;

namespace Eventide.Scaling.Local.Control;

/// <summary>
/// Makes one app have as many processes as are wanted, as a Deployment does: one change at a time, and of what is wanted meanwhile the latest. A change that fails is told and
/// tried again. Thread-safe.
/// </summary>
/// <param name="time">The real clock.</param>
internal sealed class ReplicaFollower(string appId, int begin, IRunningShop shop, TimeProvider time, Action<string> failed)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<TimeSpan> _drains = [];
    private Task _following = Task.CompletedTask;
    private int _wanted = begin;
    private int _reached = begin;
    private int? _target;

    /// <summary>What is wanted.</summary>
    public int Wanted
    {
        get
        {
            lock (_lock)
            {
                return _wanted;
            }
        }
    }

    /// <summary>Processes that use the machine: those that start and those that end what they had in hand count.</summary>
    public int Existing
    {
        get
        {
            lock (_lock)
            {
                return Math.Max(_wanted, Math.Max(_reached, _target ?? 0));
            }
        }
    }

    /// <summary>How long processes took to end, in real time.</summary>
    public IReadOnlyList<TimeSpan> Drains
    {
        get
        {
            lock (_lock)
            {
                return [.. _drains];
            }
        }
    }

    /// <summary>From now on so many are wanted; does not wait for them.</summary>
    public void Follow(int wanted)
    {
        lock (_lock)
        {
            _wanted = wanted;
            if (_target is null && _wanted != _reached)
            {
                _target = wanted;
                _following = Task.Run(() => FollowAsync(wanted));
            }
        }
    }

    /// <summary>Returns when what was wanted is there, or gives up.</summary>
    public Task SettledAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _following.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Waits for nothing more; the shop keeps what it has.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _following;
        _stopping.Dispose();
    }

    private async Task FollowAsync(int target)
    {
        try
        {
            while (true)
            {
                var begin = time.GetTimestamp();
                var done = await TryAsync(target);
                lock (_lock)
                {
                    if (done)
                    {
                        if (target < _reached)
                        {
                            _drains.Add(time.GetElapsedTime(begin));
                        }

                        _reached = target;
                    }

                    if (_wanted == _reached)
                    {
                        _target = null;
                        return;
                    }

                    _target = target = _wanted;
                }

                if (!done)
                {
                    await Task.Delay(Pause, time, _stopping.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task<bool> TryAsync(int target)
    {
        try
        {
            await shop.ScaleAsync(appId, target, _stopping.Token);
            return true;
        }
        catch (ToolException failure)
        {
            failed(failure.Message);
            return false;
        }
    }
}
