using System.Collections.Concurrent;
using Eventide.Scaling.Local.Shops;

namespace Eventide.Scaling.Tests.Local;

/// <summary>A shop that does at once what it is told; new processes are ready after the time that they take to start. Thread-safe.</summary>
internal sealed class FakeShop(TimeProvider time) : IRunningShop
{
    private readonly ConcurrentDictionary<string, Replica[]> _apps = new();
    private int _pid;

    /// <summary>From the start of a process to its readiness.</summary>
    public TimeSpan StartTime { get; set; }

    /// <summary>Called before a change; a test makes it wait or fail.</summary>
    public Func<string, int, Task> BeforeScaling { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Every change, as it was asked.</summary>
    public ConcurrentQueue<(string AppId, int Processes)> Asked { get; } = [];

    public FakeShop App(string appId, int processes = 1)
    {
        var longAgo = time.GetUtcNow() - TimeSpan.FromHours(1);
        _apps[appId] = [.. Enumerable.Range(0, processes).Select(_ => new Replica(Interlocked.Increment(ref _pid), longAgo, longAgo))];
        return this;
    }

    public IReadOnlyList<Replica> Replicas(string appId) => [.. _apps[appId].Where(replica => replica.ReadyAt <= time.GetUtcNow())];

    public async Task ScaleAsync(string appId, int processes, CancellationToken cancellationToken)
    {
        Asked.Enqueue((appId, processes));
        await BeforeScaling(appId, processes).WaitAsync(cancellationToken);
        var now = time.GetUtcNow();
        var before = _apps[appId];
        _apps[appId] =
        [
            .. before.Take(processes),
            .. Enumerable.Range(0, Math.Max(0, processes - before.Length)).Select(_ => new Replica(Interlocked.Increment(ref _pid), now, now + StartTime)),
        ];
    }
}
