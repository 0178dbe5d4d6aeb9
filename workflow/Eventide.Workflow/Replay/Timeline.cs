using Eventide.Workflow.Protocol;
using Kind = Eventide.Workflow.Protocol.HistoryEvent.EventTypeOneofCase;

namespace Dapr.Workflow.Replay;

/// <summary>
/// The events of a turn's request, past and new as one list, and what has to be known of them before the code runs: where it started, whether it is suspended or
/// terminated, and from which event on the code has not run before.
/// </summary>
internal sealed class Timeline
{
    private readonly IReadOnlyList<HistoryEvent> _past;
    private readonly IReadOnlyList<HistoryEvent> _new;

    public Timeline(IReadOnlyList<HistoryEvent> past, IReadOnlyList<HistoryEvent> newEvents)
    {
        _past = past;
        _new = newEvents;
        for (var i = 0; i < Count; i++)
        {
            // Where one turn ends: a suspended instance commits events without running the code over them, so they are as new to it as what arrives now.
            if ((i == past.Count || (i < past.Count && this[i].EventTypeCase == Kind.WorkflowStarted)) && !IsSuspended)
                FirstFresh = i;

            Note(this[i]);
        }

        if (newEvents.Count == 0 && !IsSuspended)
            FirstFresh = Count;
    }

    /// <summary>How many events there are.</summary>
    public int Count => _past.Count + _new.Count;

    /// <summary>The index of the first event that the code has not seen.</summary>
    public int FirstFresh { get; }

    /// <summary>The start of the instance; null if its history lacks it.</summary>
    public HistoryEvent? Start { get; private set; }

    /// <summary>Whether the instance is suspended after these events.</summary>
    public bool IsSuspended { get; private set; }

    /// <summary>The termination; null if there is none.</summary>
    public ExecutionTerminatedEvent? Termination { get; private set; }

    public HistoryEvent this[int index] => index < _past.Count ? _past[index] : _new[index - _past.Count];

    /// <summary>The patches of the turns that were committed, in order.</summary>
    public IEnumerable<string> PatchesInHistory => _past.Where(e => e.WorkflowStarted?.Version is not null).SelectMany(e => e.WorkflowStarted.Version.Patches);

    private void Note(HistoryEvent e)
    {
        switch (e.EventTypeCase)
        {
            case Kind.ExecutionStarted:
                Start ??= e;
                break;
            case Kind.ExecutionSuspended:
                IsSuspended = true;
                break;
            case Kind.ExecutionResumed:
                IsSuspended = false;
                break;
            case Kind.ExecutionTerminated:
                Termination = e.ExecutionTerminated;
                break;
        }
    }
}
