extern alias sidecar;

using sidecar::Eventide.Sidecar.Components.State;

namespace Eventide.Workflow.Tests.Crashes;

/// <summary>When and how a store fails.</summary>
/// <param name="Write">The number of the write at which it fails, from 1.</param>
/// <param name="IsApplied">Whether that write is done all the same; its caller cannot know.</param>
/// <param name="IsCrash">Whether everything after it fails too, as for a process that is killed; otherwise that one write fails.</param>
internal sealed record Fault(int Write, bool IsApplied, bool IsCrash);

/// <summary>A store that fails at one point.</summary>
internal sealed class FaultyStore(IStateStore inner, Fault? fault) : IStateStore
{
    private readonly TaskCompletionSource _crashed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _writes;

    /// <summary>How many writes there were.</summary>
    public int Writes => _writes;

    /// <summary>Completes when nothing works any more.</summary>
    public Task Crashed => _crashed.Task;

    public StateCapabilities Capabilities => inner.Capabilities;

    public ValueTask InitializeAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<StateItem?> GetAsync(string key, CancellationToken cancellationToken) => Alive().GetAsync(key, cancellationToken);

    public ValueTask<IReadOnlyList<StateItem?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        Alive().GetManyAsync(keys, cancellationToken);

    public ValueTask SetAsync(StateSet operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

    public ValueTask DeleteAsync(StateDelete operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

    public async ValueTask TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken)
    {
        var store = Alive();
        if (Interlocked.Increment(ref _writes) != fault?.Write)
        {
            await store.TransactAsync(operations, cancellationToken);
            return;
        }

        if (fault.IsApplied)
            await store.TransactAsync(operations, cancellationToken);

        if (fault.IsCrash)
            _crashed.SetResult();

        throw new IOException("the store failed");
    }

    public IAsyncEnumerable<StateItem> ScanAsync(string prefix, CancellationToken cancellationToken) => Alive().ScanAsync(prefix, cancellationToken);

    public ValueTask PingAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private IStateStore Alive() => _crashed.Task.IsCompleted ? throw new IOException("the process is dead") : inner;
}
