using Microsoft.Extensions.Time.Testing;

namespace Eventide.Inventory.Tests.Support;

/// <summary>
/// Runs asynchronous code on one thread: which continuation comes next follows from the seed, and the clock moves only when nothing else can. So a schedule that
/// fails can be run again.
/// </summary>
internal sealed class Simulation(int seed) : SynchronizationContext
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);
    private readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private bool _leaks;

    public Random Random { get; } = new(seed);

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public override void Post(SendOrPostCallback callback, object? state)
    {
        lock (_ready)
        {
            _ready.Add((callback, state));
            _leaks |= Environment.CurrentManagedThreadId != _thread;
        }
    }

    /// <summary>Runs until the work is done. Time passes in growing steps while nothing happens, so that long waits cost nothing.</summary>
    public void Run(Func<Task> work)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            var (running, started, step) = (work(), Time.GetUtcNow(), Tick);
            while (!running.IsCompleted)
            {
                if (_ready.Count > 0)
                {
                    var index = Random.Next(_ready.Count);
                    var (callback, state) = _ready[index];
                    _ready.RemoveAt(index);
                    callback(state);
                    step = Tick;
                    continue;
                }

                Assert.False(_leaks, "Something went on outside of the simulation: its schedule cannot be repeated.");
                Assert.True(Time.GetUtcNow() - started < Longest, $"seed {seed}: nothing happened any more, and the work was not done.");
                Time.Advance(step);
                step = step < TimeSpan.FromSeconds(5) ? step * 2 : step;
            }

            running.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    /// <summary>Up to <paramref name="longest"/> later.</summary>
    public Task Later(TimeSpan longest, CancellationToken cancellationToken = default) => Task.Delay(longest * Random.NextDouble(), Time, cancellationToken);
}
