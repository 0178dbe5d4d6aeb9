using Eventide.Workflow.Protocol;

namespace Dapr.Workflow.Replay;

/// <summary>Events from outside and those who wait for them. Each event goes to one waiter, both in order of arrival; names are compared without regard to case.</summary>
internal sealed class ExternalEvents
{
    private readonly List<HistoryEvent> _unclaimed = [];
    private readonly List<(string Name, TaskCompletionSource<HistoryEvent> Source)> _waiters = [];

    /// <summary>Events that nobody has waited for yet, in order of arrival.</summary>
    public IReadOnlyList<HistoryEvent> Unclaimed => _unclaimed;

    /// <summary>Whether the code may be waiting for any event.</summary>
    public bool AnyWaiter => _waiters.Exists(waiter => !waiter.Source.Task.IsCompleted);

    /// <summary>An event arrived. A waiter that gave up is passed over, so that it swallows nothing.</summary>
    public void Raise(HistoryEvent raised)
    {
        _waiters.RemoveAll(waiter => waiter.Source.Task.IsCompleted);
        var index = _waiters.FindIndex(waiter => IsNamed(raised, waiter.Name));
        if (index < 0)
        {
            _unclaimed.Add(raised);
            return;
        }

        var source = _waiters[index].Source;
        _waiters.RemoveAt(index);
        // Last, because the code goes on inside this call and may wait again.
        source.TrySetResult(raised);
    }

    /// <summary>Whoever waits now waits no more: what arrives from here on stays unclaimed, for the next run.</summary>
    public void Close() => _waiters.Clear();

    /// <summary>The next event of that name. Cancelling the source gives up the wait.</summary>
    public TaskCompletionSource<HistoryEvent> Wait(string name)
    {
        var source = new TaskCompletionSource<HistoryEvent>();
        var index = _unclaimed.FindIndex(raised => IsNamed(raised, name));
        if (index < 0)
        {
            _waiters.Add((name, source));
        }
        else
        {
            source.SetResult(_unclaimed[index]);
            _unclaimed.RemoveAt(index);
        }

        return source;
    }

    private static bool IsNamed(HistoryEvent raised, string name) => string.Equals(raised.EventRaised.Name, name, StringComparison.OrdinalIgnoreCase);
}
