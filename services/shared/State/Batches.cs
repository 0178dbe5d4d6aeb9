namespace Eventide.ServiceDefaults.State;

/// <summary>
/// Collects what is asked for while the last batch is being written, and writes it as the next one: alone, an item is written at once; under load, many share a
/// write. Items of one batch keep the order in which they came. Thread-safe.
/// </summary>
/// <param name="largest">No batch has more items.</param>
/// <param name="write">Writes one batch and returns one result per item; its failure is the failure of every item.</param>
public sealed class Batches<TItem, TResult>(int largest, Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> write)
{
    private readonly Lock _gate = new();
    private readonly Queue<(TItem Item, TaskCompletionSource<TResult> Done)> _waiting = new();
    private bool _isWriting;

    /// <summary>Completes when the item is written. Cancelling gives up the wait, not the write.</summary>
    public Task<TResult> AddAsync(TItem item, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool first;
        lock (_gate)
        {
            _waiting.Enqueue((item, done));
            first = !_isWriting;
            _isWriting = true;
        }

        if (first)
        {
            // A batch belongs to nobody's trace in particular.
            using (ExecutionContext.SuppressFlow())
            {
                _ = Task.Run(WriteAllAsync, CancellationToken.None);
            }
        }

        return done.Task.WaitAsync(cancellationToken);
    }

    private async Task WriteAllAsync()
    {
        while (Next() is { Count: > 0 } batch)
        {
            try
            {
                var results = await write([.. batch.Select(entry => entry.Item)]);
                foreach (var (entry, result) in batch.Zip(results))
                {
                    entry.Done.SetResult(result);
                }
            }
            catch (Exception failure)
            {
                foreach (var entry in batch)
                {
                    entry.Done.TrySetException(failure);
                }
            }
        }
    }

    private List<(TItem Item, TaskCompletionSource<TResult> Done)> Next()
    {
        lock (_gate)
        {
            var batch = new List<(TItem, TaskCompletionSource<TResult>)>(Math.Min(_waiting.Count, largest));
            while (batch.Count < largest && _waiting.TryDequeue(out var entry))
            {
                batch.Add(entry);
            }

            _isWriting = batch.Count > 0;
            return batch;
        }
    }
}
