using System.Threading.Channels;
using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// The workers that are connected, and what each is working on. Work is handed out in turn; what a lost worker had is handed to another, so a task may run
/// twice but is never forgotten. Thread-safe.
/// </summary>
internal sealed class WorkerHub
{
    private readonly Lock _lock = new();
    private readonly List<Worker> _workers = [];
    private readonly Queue<WorkItem> _waiting = new();
    private int _next;

    /// <summary>How many workers are connected.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _workers.Count;
            }
        }
    }

    /// <summary>Hands out an item, or keeps it until a worker connects.</summary>
    public void Dispatch(WorkItem item)
    {
        lock (_lock)
        {
            if (_workers.Count == 0)
            {
                _waiting.Enqueue(item);
                return;
            }

            _workers[_next++ % _workers.Count].Give(item);
        }
    }

    /// <summary>The item is done; false when nobody was working on it, or on another one under the same key. A worker that echoes no token is believed.</summary>
    public bool Complete(string key, string token)
    {
        lock (_lock)
        {
            return _workers.Exists(worker => worker.InFlight.TryGetValue(key, out var item)
                && (token.Length == 0 || token == item.CompletionToken)
                && worker.InFlight.Remove(key));
        }
    }

    /// <summary>Connects a worker; its items are read from the result until it is disposed.</summary>
    public Connection Connect()
    {
        lock (_lock)
        {
            var worker = new Worker();
            _workers.Add(worker);
            while (_waiting.TryDequeue(out var item))
            {
                worker.Give(item);
            }

            return new Connection(this, worker);
        }
    }

    /// <summary>Ends every worker's stream, so that a stop does not wait for them; they connect again when the sidecar is back.</summary>
    public void DisconnectAll()
    {
        lock (_lock)
        {
            foreach (var worker in _workers)
            {
                worker.Items.Writer.TryComplete();
            }
        }
    }

    /// <summary>Identifies a turn.</summary>
    public static string TurnKey(string instanceId) => instanceId;

    /// <summary>Identifies an activity.</summary>
    public static string ActivityKey(string instanceId, int taskId) => $"{instanceId}::{taskId}";

    private static string KeyOf(WorkItem item) => item.RequestCase == WorkItem.RequestOneofCase.WorkflowRequest
        ? TurnKey(item.WorkflowRequest.InstanceId)
        : ActivityKey(item.ActivityRequest.WorkflowInstance.InstanceId, item.ActivityRequest.TaskId);

    private void Disconnect(Worker worker)
    {
        lock (_lock)
        {
            _workers.Remove(worker);
            worker.Items.Writer.TryComplete();
            foreach (var item in worker.InFlight.Values)
            {
                Dispatch(item);
            }
        }
    }

    /// <summary>One worker's stream.</summary>
    public sealed class Connection : IDisposable
    {
        private readonly WorkerHub _hub;
        private readonly Worker _worker;

        internal Connection(WorkerHub hub, object worker) => (_hub, _worker) = (hub, (Worker)worker);

        /// <summary>The items for this worker.</summary>
        public ChannelReader<WorkItem> Items => _worker.Items.Reader;

        /// <inheritdoc/>
        public void Dispose() => _hub.Disconnect(_worker);
    }

    private sealed class Worker
    {
        public Channel<WorkItem> Items { get; } = Channel.CreateUnbounded<WorkItem>(new UnboundedChannelOptions { SingleReader = true });

        public Dictionary<string, WorkItem> InFlight { get; } = new(StringComparer.Ordinal);

        public void Give(WorkItem item)
        {
            InFlight[KeyOf(item)] = item;
            Items.Writer.TryWrite(item);
        }
    }
}
