using System.Collections.Concurrent;
using Eventide.Scaling.Keda;
using Eventide.Scaling.Local.Brokers;

namespace Eventide.Scaling.Tests.Local;

/// <summary>Says of each topic what the test says.</summary>
internal sealed class FakeBroker : IBacklogReader
{
    public ConcurrentDictionary<string, BacklogReading> Backlogs { get; } = new();

    public bool IsAway { get; set; }

    public Task<IReadOnlyDictionary<string, BacklogReading>> ReadAsync(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) => IsAway
        ? throw new BacklogException("the broker is away", new IOException())
        : Task.FromResult<IReadOnlyDictionary<string, BacklogReading>>(Backlogs.Where(backlog => topics.Contains(backlog.Key)).ToDictionary());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
