namespace Eventide.Sidecar.Components.PubSub;

/// <summary>
/// Holds up to a window of deliveries and lets them go in a random order: one whenever the window is full, all when nothing new has come for a moment.
/// Thread-safe.
/// </summary>
internal sealed class ShuffleWindow(DeliveryDisorder disorder, string name)
{
    // By the wall clock on purpose: a test whose clock stands still still gets its messages.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(2);

    private readonly Lock _lock = new();
    private readonly List<TaskCompletionSource> _held = [];
    private readonly Random _random = new(disorder.Seed ^ StableHash(name));
    private bool _timed;

    /// <summary>Whether the next delivery comes twice.</summary>
    public bool IsTwice()
    {
        lock (_lock)
        {
            return _random.NextDouble() < disorder.DuplicateRate;
        }
    }

    /// <summary>Completes when it is this delivery's turn.</summary>
    public Task PassAsync()
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _held.Add(turn);
            if (_held.Count >= disorder.Window)
            {
                ReleaseOne_NeedsLock();
            }

            if (!_timed)
            {
                _timed = true;
                _ = ReleaseLaterAsync();
            }
        }

        return turn.Task;
    }

    private async Task ReleaseLaterAsync()
    {
        await Task.Delay(Moment, TimeProvider.System);
        lock (_lock)
        {
            _timed = false;
            while (_held.Count > 0)
            {
                ReleaseOne_NeedsLock();
            }
        }
    }

    private void ReleaseOne_NeedsLock()
    {
        var chosen = _random.Next(_held.Count);
        _held[chosen].SetResult();
        _held[chosen] = _held[^1];
        _held.RemoveAt(_held.Count - 1);
    }

    // string.GetHashCode differs from process to process.
    private static int StableHash(string text) => text.Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter));
}
