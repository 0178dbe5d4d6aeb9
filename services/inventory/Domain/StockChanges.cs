using System.Diagnostics.Metrics;
using Eventide.ServiceDefaults.State;

namespace Eventide.Inventory.Domain;

/// <summary>
/// The changes of one SKU in this process: all that wait are applied to one read and saved by one write, because writers that each compare and set get slower the
/// more of them there are. Every caller gets its own result. Thread-safe.
/// </summary>
internal sealed class StockChanges(string sku, StockLevel untouched, DocumentStore store, TimeProvider time)
{
    /// <summary>More changes than this do not wait; their messages are delivered again. It is some seconds of a single SKU's orders.</summary>
    public const int Capacity = 2000;

    private static readonly Meter Meter = new("Eventide.Inventory");
    private static readonly Histogram<int> Joined = Meter.CreateHistogram<int>("eventide.stock.changes_per_write", "{change}", "Changes of a SKU that shared one write.");
    private readonly Lock _lock = new();
    private List<Change> _waiting = [];
    private bool _saving;

    /// <summary>Applies a change and returns the level after it. <paramref name="apply"/> may be called several times; what it throws is thrown here.</summary>
    /// <remarks>When the caller gives up, the change may still happen; others are not affected.</remarks>
    /// <exception cref="InvalidOperationException">Too many changes wait.</exception>
    public async Task<StockLevel> ApplyAsync(Func<StockLevel, StockLevel> apply, CancellationToken cancellationToken)
    {
        var change = new Change(apply, cancellationToken);
        await using var givingUp = cancellationToken.Register(change.GiveUp);
        if (IsFirst(change))
        {
            _ = SaveWhileAnyWaitAsync();
        }

        return await change.Result;
    }

    private bool IsFirst(Change change)
    {
        lock (_lock)
        {
            if (_waiting.Count >= Capacity)
            {
                throw new InvalidOperationException($"{Capacity} changes of {sku} wait to be saved; this one is tried again later.");
            }

            _waiting.Add(change);
            var first = !_saving;
            _saving = true;
            return first;
        }
    }

    private async Task SaveWhileAnyWaitAsync()
    {
        while (TakeAll() is { Count: > 0 } changes)
        {
            // In the context of a change that the write is for, so that it is seen in that change's trace.
            var saving = Task.CompletedTask;
            ExecutionContext.Run(changes[0].Context, _ => saving = SaveAsync(changes), null);
            await saving;
        }
    }

    private async Task SaveAsync(List<Change> changes)
    {
        using var limit = new CancellationTokenSource(HandlerDeadline.Limit, time);
        try
        {
            await store.UpdateAsync<StockLevel>(StockLevel.Key(sku), current => ApplyAll(current, changes), limit.Token);
            Joined.Record(changes.Count);
            changes.ForEach(change => change.Complete());
        }
        catch (Exception failure)
        {
            changes.ForEach(change => change.Fail(failure));
        }
    }

    private StockLevel ApplyAll(StockLevel? current, List<Change> changes)
    {
        // Those that came while the document was read go along.
        lock (_lock)
        {
            changes.AddRange(_waiting);
            _waiting.Clear();
        }

        var before = current ?? untouched;
        var after = changes.Aggregate(before, (level, change) => change.Apply(level));
        return ReferenceEquals(before, after) ? current! : after.WithoutOldMarks(time.GetUtcNow());
    }

    private List<Change> TakeAll()
    {
        lock (_lock)
        {
            var taken = _waiting;
            _waiting = [];
            _saving = taken.Count > 0;
            return taken;
        }
    }

    private sealed class Change(Func<StockLevel, StockLevel> apply, CancellationToken cancellationToken)
    {
        private readonly TaskCompletionSource<StockLevel> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private StockLevel? _level;
        private Exception? _failure;

        public Task<StockLevel> Result => _result.Task;

        public ExecutionContext Context { get; } = ExecutionContext.Capture() ?? throw new InvalidOperationException("The flow of the execution context is suppressed.");

        public StockLevel Apply(StockLevel level)
        {
            (_level, _failure) = (level, null);
            try
            {
                return cancellationToken.IsCancellationRequested ? level : _level = apply(level);
            }
            catch (Exception failure)
            {
                _failure = failure;
                return level;
            }
        }

        public void Complete()
        {
            if (_failure is { } failure)
            {
                Fail(failure);
                return;
            }

            _result.TrySetResult(_level!);
        }

        public void GiveUp() => _result.TrySetCanceled(cancellationToken);

        public void Fail(Exception failure)
        {
            _result.TrySetException(failure is OperationCanceledException
                ? new TimeoutException("The store did not take a change of stock in time.", failure)
                : failure);
        }
    }
}
