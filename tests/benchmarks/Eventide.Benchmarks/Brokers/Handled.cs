namespace Eventide.Benchmarks.Brokers;

/// <summary>Which messages of a run were handled; one that comes twice counts once. Thread-safe.</summary>
internal sealed class Handled
{
    private readonly Lock _lock = new();
    private bool[] _seen = [];
    private int _missing;
    private TaskCompletionSource _all = new();

    /// <summary>Begins a run of so many messages, numbered from 0.</summary>
    public void Expect(int messages)
    {
        lock (_lock)
        {
            (_seen, _missing, _all) = (new bool[messages], messages, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    public void Add(int number)
    {
        lock (_lock)
        {
            if ((uint)number < (uint)_seen.Length && !_seen[number])
            {
                _seen[number] = true;
                if (--_missing == 0)
                {
                    _all.SetResult();
                }
            }
        }
    }

    /// <summary>Waits until all have come.</summary>
    /// <exception cref="TimeoutException">Nothing is lost here; after two minutes something is.</exception>
    public async Task AllAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _all.Task.WaitAsync(TimeSpan.FromMinutes(2), cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{_missing} of {_seen.Length} messages were not handled within two minutes.");
        }
    }
}
