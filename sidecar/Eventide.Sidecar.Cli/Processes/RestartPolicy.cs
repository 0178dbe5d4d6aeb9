namespace Eventide.Sidecar.Cli.Processes;

/// <summary>
/// When a process that ended is started again. The first time at once, then after 1, 2, 4 … 15 seconds; five ends in a row, each soon after its start, are
/// not a crash but a broken program. Not thread-safe.
/// </summary>
internal sealed class RestartPolicy(TimeProvider time)
{
    private const int EnoughInARow = 5;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(15);
    private long _startedAt = time.GetTimestamp();
    private int _ends;
    private int _ownEnds;

    /// <summary>The process was started.</summary>
    public void Started() => _startedAt = time.GetTimestamp();

    /// <summary>How long to wait before the next start; null when there is to be none.</summary>
    /// <param name="fromOutside">Somebody killed it, which never makes it a broken program.</param>
    public TimeSpan? AfterEnd(bool fromOutside)
    {
        if (time.GetElapsedTime(_startedAt) >= Soon)
        {
            (_ends, _ownEnds) = (0, 0);
        }

        _ends++;
        _ownEnds += fromOutside ? 0 : 1;
        return _ownEnds >= EnoughInARow ? null
            : _ends == 1 ? TimeSpan.Zero
            : TimeSpan.FromSeconds(Math.Min(Math.Pow(2, _ends - 2), LongestDelay.TotalSeconds));
    }
}
