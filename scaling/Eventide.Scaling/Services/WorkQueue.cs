using Eventide.Scaling.Keda;

namespace Eventide.Scaling.Services;

/// <summary>The work of one service, first come first served, as a flow rather than message by message. Not thread-safe.</summary>
internal sealed class WorkQueue(ServiceModel model)
{
    private readonly Queue<(DateTimeOffset At, double Items)> _stranded = new();
    private double _backlog;

    /// <summary>What has come and is not done, without what removed replicas still hold.</summary>
    public double Backlog => _backlog;

    /// <summary>Everything that has come and is not done.</summary>
    public double Unfinished => _backlog + _stranded.Sum(part => part.Items);

    /// <summary>What a removed replica held is not available before it is given out again.</summary>
    public void Strand(DateTimeOffset now, double items)
    {
        var taken = Math.Min(items, _backlog);
        if (taken > 0 && model.Redelivery > TimeSpan.Zero)
        {
            _backlog -= taken;
            _stranded.Enqueue((now + model.Redelivery, taken));
        }
    }

    /// <summary>One step: new items come, the ready replicas work; answers how many items were finished.</summary>
    public double Step(DateTimeOffset now, TimeSpan step, double arrivals, int ready)
    {
        while (_stranded.TryPeek(out var part) && part.At <= now)
        {
            _backlog += _stranded.Dequeue().Items;
        }

        _backlog += arrivals;
        var working = model.Partitions is { } partitions ? Math.Min(ready, partitions) : ready;
        var finished = Math.Min(_backlog, working * model.Capacity * step.TotalSeconds);
        _backlog -= finished;
        return finished;
    }

    /// <summary>As a broker would tell it: what ready replicas have taken, and what waits for one. A topic has its share of both.</summary>
    public BacklogReading Reading(int ready, string? topic = null)
    {
        var share = topic is null ? 1 : model.ShareOf(topic);
        var inHand = Math.Min(_backlog, ready * (double)(model.Prefetch + model.Concurrency));
        return new BacklogReading(share * (_backlog - inHand), share * (inHand + _stranded.Sum(part => part.Items)), model.Partitions);
    }

    /// <summary>What one of <paramref name="ready"/> replicas holds.</summary>
    public double HeldByOne(int ready) => ready == 0 ? 0 : Reading(ready).InHand / ready;
}
