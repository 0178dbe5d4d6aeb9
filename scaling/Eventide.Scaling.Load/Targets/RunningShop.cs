using Eventide.Tools.Shops;

namespace Eventide.Scaling.Load.Targets;

/// <summary>
/// The shop of a data folder as its run.json says, looked at again several times a second: apps get and lose processes while a run goes on. Thread-safe.
/// </summary>
/// <param name="data">The folder that the shop was started with.</param>
internal sealed class RunningShop(string data, TimeProvider time)
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromMilliseconds(200);
    private readonly Lock _lock = new();
    private RunState? _state;
    private long _readAt;

    /// <summary>What runs; without run.json, when the Dapr CLI runs the shop, what the run file plans.</summary>
    public RunState State
    {
        get
        {
            lock (_lock)
            {
                if (_state is null || time.GetElapsedTime(_readAt) > GoodFor)
                {
                    _state = RunState.TryRead(data) ?? _state ?? RunState.Planned(Repository.RunFile);
                    _readAt = time.GetTimestamp();
                }

                return _state;
            }
        }
    }

    /// <summary>Has the next reader look again.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _readAt = long.MinValue / 2;
        }
    }
}
