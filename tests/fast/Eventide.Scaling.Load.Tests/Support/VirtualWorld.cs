using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Eventide.Scaling.Load.Tests.Support;

/// <summary>
/// One thread and a clock that only goes on, a millisecond at a time, when there is nothing left to do: what is measured in here takes exactly as long as somebody
/// waits, however slow the machine is.
/// </summary>
internal sealed class VirtualWorld : SynchronizationContext
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan End = TimeSpan.FromMinutes(10);
    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero));

    public TimeProvider Time => _time;

    /// <summary>Since the world began.</summary>
    public TimeSpan Elapsed => _time.GetUtcNow() - _time.Start;

    /// <summary>Runs something to its end in here.</summary>
    public T Run<T>(Func<Task<T>> body)
    {
        var outside = Current;
        SetSynchronizationContext(this);
        try
        {
            var result = body();
            while (!result.IsCompleted)
            {
                if (_ready.TryDequeue(out var next))
                {
                    next.Callback(next.State);
                }
                else
                {
                    Assert.True(Elapsed < End, "It does not end.");
                    _time.Advance(Tick);
                }
            }

            return result.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(outside);
        }
    }

    /// <summary>Waits in here.</summary>
    public Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, _time, cancellationToken);

    public override void Post(SendOrPostCallback callback, object? state) => _ready.Enqueue((callback, state));

    public override void Send(SendOrPostCallback callback, object? state) => callback(state);
}
