using System.Collections.Concurrent;
using System.Diagnostics;
using Dapr;

namespace Eventide.Saga.Tests.Faults;

/// <summary>What goes wrong at one point: it is given the number of the attempt (1 is the first) and what would have happened.</summary>
internal delegate Task Disturbance(int attempt, Func<Task> proceed);

/// <summary>
/// What goes wrong for one order, by the point where it goes wrong, and a count of what happened there. The points are the seams that services have anyway: their
/// handlers, publisher, state, payment provider and carrier.
/// </summary>
internal sealed class OrderFaults
{
    private readonly ConcurrentDictionary<string, Disturbance> _disturbances = new();
    private readonly ConcurrentDictionary<string, int> _attempts = new();
    private readonly ConcurrentDictionary<string, int> _completed = new();
    private long _lastActivity = Stopwatch.GetTimestamp();
    private int _inHand;

    /// <summary>Disturbs a point; only one thing can go wrong at each.</summary>
    public OrderFaults At(string point, Disturbance disturbance)
    {
        _disturbances[point] = disturbance;
        return this;
    }

    /// <summary>From now on everything goes well.</summary>
    public void End() => _disturbances.Clear();

    /// <summary>How often a point was passed to its end.</summary>
    public int Completed(string point) => _completed.GetValueOrDefault(point);

    /// <summary>Whether nothing happened to the order for this time, and nothing is happening now.</summary>
    public bool IsQuietFor(TimeSpan time) => Volatile.Read(ref _inHand) == 0 && Stopwatch.GetElapsedTime(Volatile.Read(ref _lastActivity)) > time;

    /// <summary>Passes a point.</summary>
    public async Task PassAsync(string point, Func<Task> proceed)
    {
        var attempt = _attempts.AddOrUpdate(point, 1, (_, attempts) => attempts + 1);
        Interlocked.Increment(ref _inHand);
        try
        {
            await (_disturbances.TryGetValue(point, out var disturb) ? disturb(attempt, proceed) : proceed());
            _completed.AddOrUpdate(point, 1, (_, completed) => completed + 1);
        }
        finally
        {
            Volatile.Write(ref _lastActivity, Stopwatch.GetTimestamp());
            Interlocked.Decrement(ref _inHand);
        }
    }
}

/// <summary>The names of the points.</summary>
internal static class Points
{
    public const string Capture = "provider:capture";
    public const string Void = "provider:void";
    public const string Book = "carrier:book";
    public const string CancelBooking = "carrier:cancel";

    public static string Handle(string app, string type) => $"{app} handles {type}";

    public static string Publish(string type) => $"publishes {type}";

    /// <param name="document">The part of the key before the order, such as payment.</param>
    public static string Write(string document) => $"writes {document}";
}

/// <summary>What an injected disturbance throws: what services see when a sidecar, store or broker fails.</summary>
internal sealed class InjectedException(string when) : DaprException($"injected {when} the effect");
