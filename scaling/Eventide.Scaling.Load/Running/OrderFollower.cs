using System.Collections.Concurrent;
using Eventide.Scaling.Load.Recording;
using Eventide.Scaling.Load.Targets;

namespace Eventide.Scaling.Load.Running;

/// <summary>
/// Looks at every order until it has ended: soon after it was placed, then less and less often. All looks together have a limit, because thousands of customers who
/// wait for a slow shop would otherwise be its largest load; under such a load ends are noticed later. Thread-safe.
/// </summary>
internal sealed class OrderFollower(ILoadTarget target, LoadClock clock, ActionSender sender)
{
    private const int LooksThatFindNothing = 5;
    private const int NamedOrders = 20;

    // Fifty looks a second.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private readonly PriorityQueue<Followed, TimeSpan> _next = new();
    private readonly ConcurrentDictionary<string, Followed> _open = new();
    private readonly LatencyHistogram _timeToEnd = new();
    private long _accepted;
    private long _confirmed;
    private long _cancelled;
    private readonly ConcurrentQueue<string> _lost = new();

    /// <param name="due">When it was to be placed.</param>
    /// <param name="isAccepted">False when no answer came, so that nobody knows.</param>
    public void Follow(string customer, string id, TimeSpan due, bool isAccepted)
    {
        var order = new Followed(customer, id, due) { IsAccepted = isAccepted };
        if (isAccepted)
        {
            Interlocked.Increment(ref _accepted);
        }

        _open[id] = order;
        LookAgain(order, clock.Elapsed + FirstLook);
    }

    /// <summary>Looks, until <paramref name="last"/> has completed and then no order is open or the patience is over.</summary>
    public async Task RunAsync(Task last, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(BetweenLooks, clock.Time);
        var looks = new HashSet<Task>();
        TimeSpan? end = null;
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            foreach (var done in looks.Where(look => look.IsCompleted).ToList())
            {
                looks.Remove(done);
                await done;
            }

            if (TakeDue() is { } order)
            {
                looks.Add(LookAsync(order, cancellationToken));
            }

            if (last.IsCompleted && (_open.IsEmpty || clock.Elapsed > (end ??= clock.Elapsed + patience)))
            {
                await Task.WhenAll(looks);
                return;
            }
        }
    }

    public OrderResult ToResult()
    {
        var open = _open.Values.Where(order => order.IsAccepted).ToList();
        return new OrderResult(
            Volatile.Read(ref _accepted), Volatile.Read(ref _confirmed), Volatile.Read(ref _cancelled), open.Count, _lost.Count, _timeToEnd.ToResult(),
            [.. _lost.Concat(open.OrderBy(order => order.Due).Select(order => order.Id)).Take(NamedOrders)]);
    }

    private async Task LookAsync(Followed order, CancellationToken cancellationToken)
    {
        var now = clock.Elapsed;
        var look = await sender.SendAsync(
            ActionKind.FollowOrder, now, now, token => target.FindOrderAsync(order.Customer, order.Id, token), found => found.Answer, cancellationToken);
        if (look is { Answer.Verdict: Verdict.Answered } found)
        {
            See(order, found.End);
        }
        else if (look is { Answer.Status: 404 } && ++order.NotFound == LooksThatFindNothing)
        {
            // Accepted and unknown is lost; without an answer it has never come.
            if (_open.TryRemove(order.Id, out _) && order.IsAccepted)
            {
                _lost.Enqueue(order.Id);
            }

            return;
        }

        if (_open.ContainsKey(order.Id))
        {
            var age = clock.Elapsed - order.Due;
            LookAgain(order, clock.Elapsed + (age / 4 < FirstLook ? FirstLook : age / 4 > LongestPause ? LongestPause : age / 4));
        }
    }

    private void See(Followed order, OrderEnd end)
    {
        if (!order.IsAccepted)
        {
            order.IsAccepted = true;
            Interlocked.Increment(ref _accepted);
        }

        if (end != OrderEnd.Open && _open.TryRemove(order.Id, out _))
        {
            _timeToEnd.Record(clock.Elapsed - order.Due);
            Interlocked.Increment(ref (end == OrderEnd.Confirmed ? ref _confirmed : ref _cancelled));
        }
    }

    private void LookAgain(Followed order, TimeSpan at)
    {
        lock (_lock)
        {
            _next.Enqueue(order, at);
        }
    }

    private Followed? TakeDue()
    {
        lock (_lock)
        {
            return _next.TryPeek(out _, out var at) && at <= clock.Elapsed ? _next.Dequeue() : null;
        }
    }

    /// <summary>An order that has not ended as far as is known. One look at a time changes it.</summary>
    private sealed class Followed(string customer, string id, TimeSpan due)
    {
        public string Customer => customer;

        public string Id => id;

        public TimeSpan Due => due;

        public bool IsAccepted { get; set; }

        public int NotFound { get; set; }
    }
}
