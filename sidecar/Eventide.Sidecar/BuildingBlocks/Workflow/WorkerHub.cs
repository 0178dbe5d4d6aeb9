using System.Threading.Channels;
using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// The work items of one app and the workers that take them. Every worker takes from one queue as fast as its stream allows, so they share the work; what a
/// lost worker had goes back into the queue, so a task may run twice but is never forgotten. Thread-safe.
/// </summary>
internal sealed class WorkerHub
{
    private readonly Lock _lock = new();
    private readonly Channel<Entry> _queue = Channel.CreateUnbounded<Entry>();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private int _workers;

    /// <summary>Raised when a worker connected: it may know what the others do not.</summary>
    public event Action? Connected;

    /// <summary>How many workers are connected.</summary>
    public int Count => Volatile.Read(ref _workers);

    /// <summary>Queues an item. It takes the place of an earlier one for the same instance or task; the same item again changes nothing.</summary>
    public void Dispatch(WorkItem item)
    {
        var entry = new Entry(KeyOf(item), item);
        lock (_lock)
        {
            if (_entries.TryGetValue(entry.Key, out var earlier))
            {
                if (earlier.Item.CompletionToken == item.CompletionToken)
                {
                    return;
                }

                earlier.Holder?.InFlight.Remove(earlier);
            }

            _entries[entry.Key] = entry;
        }

        _queue.Writer.TryWrite(entry);
    }

    /// <summary>
    /// The item under that key is done; false when there is none, or another one. An answer without a token is believed only while a worker holds the item.
    /// </summary>
    public bool Complete(string key, string token)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry) || (token.Length == 0 ? entry.Holder is null : token != entry.Item.CompletionToken))
            {
                return false;
            }

            entry.Holder?.InFlight.Remove(entry);
            return _entries.Remove(key);
        }
    }

    /// <summary>Forgets every item; an answer to one of them is refused.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            foreach (var entry in _entries.Values)
            {
                entry.Holder?.InFlight.Remove(entry);
            }

            _entries.Clear();
        }
    }

    /// <summary>Connects a worker until the result is disposed.</summary>
    public Connection Connect()
    {
        Interlocked.Increment(ref _workers);
        var connection = new Connection(this);
        Connected?.Invoke();
        return connection;
    }

    /// <summary>Identifies a turn.</summary>
    public static string TurnKey(string instanceId) => instanceId;

    /// <summary>Identifies an activity.</summary>
    public static string ActivityKey(string instanceId, int taskId) => $"{instanceId}::{taskId}";

    private static string KeyOf(WorkItem item) => item.RequestCase == WorkItem.RequestOneofCase.WorkflowRequest
        ? TurnKey(item.WorkflowRequest.InstanceId)
        : ActivityKey(item.ActivityRequest.WorkflowInstance.InstanceId, item.ActivityRequest.TaskId);

    /// <summary>One worker's stream.</summary>
    public sealed class Connection(WorkerHub hub) : IDisposable
    {
        private bool _isClosed;

        internal HashSet<Entry> InFlight { get; } = [];

        /// <summary>The next item for this worker. When the connection is disposed, what it took and did not complete goes to another.</summary>
        public async Task<WorkItem> TakeAsync(CancellationToken cancellationToken)
        {
            while (true)
            {
                await hub._queue.Reader.WaitToReadAsync(cancellationToken);
                while (hub._queue.Reader.TryRead(out var entry))
                {
                    lock (hub._lock)
                    {
                        // Done or replaced while it waited.
                        if (!hub._entries.TryGetValue(entry.Key, out var current) || current != entry)
                        {
                            continue;
                        }

                        entry.Holder = this;
                        InFlight.Add(entry);
                        return entry.Item;
                    }
                }
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            List<Entry> left;
            lock (hub._lock)
            {
                if (_isClosed)
                {
                    return;
                }

                _isClosed = true;
                left = [.. InFlight];
                left.ForEach(entry => entry.Holder = null);
            }

            Interlocked.Decrement(ref hub._workers);
            left.ForEach(entry => hub._queue.Writer.TryWrite(entry));
        }
    }

    internal sealed class Entry(string key, WorkItem item)
    {
        public string Key => key;

        public WorkItem Item => item;

        /// <summary>Who works on it; null while it waits.</summary>
        public Connection? Holder { get; set; }
    }
}
