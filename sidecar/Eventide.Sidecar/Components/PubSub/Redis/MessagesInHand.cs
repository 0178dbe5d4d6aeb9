using System.Threading.Channels;
using StackExchange.Redis;

namespace Eventide.Sidecar.Components.PubSub.Redis;

/// <summary>The entries that a subscription has fetched and not finished: how many there may be, and which they are, so that none is taken twice. Thread-safe.</summary>
internal sealed class MessagesInHand(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RedisValue, bool> _started = [];
    private readonly Channel<StreamEntry> _queue = Channel.CreateUnbounded<StreamEntry>();
    private TaskCompletionSource? _room;

    // To fetch one entry whenever one is finished would cost a round trip for each.
    private int Low => Math.Max(1, capacity * 3 / 4);

    /// <summary>Waits until there is room worth a fetch; how many entries fit.</summary>
    public async Task<int> RoomAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task waiting;
            lock (_lock)
            {
                if (_started.Count <= Low && capacity - _started.Count is > 0 and var room)
                {
                    return room;
                }

                waiting = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await waiting.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Queues an entry; one that is here already changes nothing.</summary>
    public void Add(StreamEntry entry)
    {
        lock (_lock)
        {
            if (_started.TryAdd(entry.Id, false))
            {
                _queue.Writer.TryWrite(entry);
            }
        }
    }

    /// <summary>Whether the entry is queued or being handled.</summary>
    public bool Contains(RedisValue id)
    {
        lock (_lock)
        {
            return _started.ContainsKey(id);
        }
    }

    /// <summary>Waits for the next entry to handle, and takes it.</summary>
    public async ValueTask<StreamEntry> TakeAsync(CancellationToken cancellationToken)
    {
        var entry = await _queue.Reader.ReadAsync(cancellationToken);
        lock (_lock)
        {
            _started[entry.Id] = true;
        }

        return entry;
    }

    /// <summary>The entry was handled, whatever came of it.</summary>
    public void Finish(RedisValue id)
    {
        TaskCompletionSource? room = null;
        lock (_lock)
        {
            _started.Remove(id);
            if (_started.Count <= Low)
            {
                (room, _room) = (_room, null);
            }
        }

        room?.TrySetResult();
    }

    /// <summary>The entries that nobody has begun to handle.</summary>
    public RedisValue[] Queued()
    {
        lock (_lock)
        {
            return [.. _started.Where(entry => !entry.Value).Select(entry => entry.Key)];
        }
    }
}
