namespace Eventide.Sidecar.Components.PubSub.Sqlite;

/// <summary>
/// What a group has done: everything up to a place, and single messages above it. Messages are loaded in order and finished in any order. Not thread-safe.
/// </summary>
internal sealed class GroupCursor(GroupPosition position)
{
    private readonly HashSet<long> _doneAhead = [.. position.DoneAhead];
    private readonly SortedSet<long> _outstanding = [];
    private List<long> _done = [];
    private long _written = position.Cursor;
    private long _highestAhead = position.DoneAhead.Count == 0 ? 0 : position.DoneAhead.Max();

    /// <summary>Everything up to here has been loaded.</summary>
    public long LoadedThrough { get; private set; } = position.Cursor;

    /// <summary>How many are loaded and not done.</summary>
    public int Outstanding => _outstanding.Count;

    /// <summary>How many that are not loaded yet were done before the last restart.</summary>
    public int DoneAhead => _doneAhead.Count;

    /// <summary>A message has been loaded.</summary>
    public void Add(long sequence)
    {
        LoadedThrough = sequence;
        _outstanding.Add(sequence);
    }

    /// <summary>Whether the message was done before the last restart; then it is passed over.</summary>
    public bool SkipDone(long sequence)
    {
        if (!_doneAhead.Remove(sequence))
        {
            return false;
        }

        LoadedThrough = sequence;
        return true;
    }

    /// <summary>A message is finished.</summary>
    public void Done(long sequence)
    {
        _outstanding.Remove(sequence);
        _done.Add(sequence);
    }

    /// <summary>What has changed since the last call.</summary>
    public GroupProgress TakeProgress()
    {
        var cursor = _outstanding.Count == 0 ? LoadedThrough : _outstanding.Min - 1;
        var ahead = _done.FindAll(sequence => sequence > cursor);
        var progress = new GroupProgress(cursor, cursor > _written, _highestAhead > _written, ahead);
        _highestAhead = ahead.Aggregate(_highestAhead, Math.Max);
        (_done, _written) = ([], cursor);
        return progress;
    }
}

/// <summary>A group as it was written.</summary>
/// <param name="Cursor">Everything up to here is done.</param>
/// <param name="DoneAhead">What is done above it.</param>
internal sealed record GroupPosition(long Id, string Name, long Cursor, IReadOnlyList<long> DoneAhead);

/// <summary>What a group has done since the last write.</summary>
/// <param name="Cursor">Everything up to here is done.</param>
/// <param name="Moved">Whether that is further than it was.</param>
/// <param name="HasRows">Whether the cursor may have passed acknowledgements that were written above it.</param>
/// <param name="DoneAhead">What is newly done above the cursor.</param>
internal sealed record GroupProgress(long Cursor, bool Moved, bool HasRows, IReadOnlyList<long> DoneAhead);
