using Dapr;
using Grpc.Core;

namespace Eventide.ServiceDefaults.State;

/// <summary>
/// The one way in which a service changes its state: read, decide by content, write conditionally, and after any failure read and decide again. A change
/// must be recognisable in the document, because a write that was reported as failed may have happened. Thread-safe.
/// </summary>
public sealed class DocumentStore(IStateAccess state, ServiceIdentity service, TimeProvider time, Random random)
{
    private const int MaxAttempts = 30;
    private const int AttemptsTogether = 4;

    /// <summary>The document, or null.</summary>
    public async Task<T?> GetAsync<T>(string key, CancellationToken cancellationToken) where T : class =>
        (await state.ReadAsync<T>(key, cancellationToken)).Value;

    /// <summary>The documents of those keys that have one.</summary>
    public Task<IReadOnlyDictionary<string, T>> GetManyAsync<T>(IReadOnlyList<string> keys, CancellationToken cancellationToken) where T : class =>
        state.ReadManyAsync<T>(keys, cancellationToken);

    /// <summary>Writes the document unless there is one under the key; returns the one that stands.</summary>
    /// <exception cref="DaprException">The store did not take the write in 30 attempts.</exception>
    public Task<T> AddAsync<T>(string key, T document, CancellationToken cancellationToken) where T : class =>
        UpdateAsync(Document<T>.Absent(key), current => current ?? document, cancellationToken);

    /// <summary>
    /// Writes new documents in one call without reading first. False means that some may have existed, or that the store failed: the caller then takes them one by
    /// one and decides by content.
    /// </summary>
    public Task<bool> TryInsertAsync<T>(IReadOnlyList<KeyValuePair<string, T>> documents, TimeSpan? timeToLive, CancellationToken cancellationToken) where T : class =>
        state.TryInsertAsync(documents, timeToLive, cancellationToken);

    /// <summary>
    /// Changes many documents, each under its own key, with one read and one write where the store can; returns what stands afterwards, in the order of the keys.
    /// Those that somebody else changes meanwhile are tried again together, and at last one by one. <paramref name="change"/> is as in <see cref="UpdateAsync{T}(string, Func{T, T}, CancellationToken, TimeSpan?)"/>.
    /// </summary>
    /// <exception cref="DaprException">The store did not take a write in 30 attempts.</exception>
    public async Task<IReadOnlyList<T>> UpdateManyAsync<T>(IReadOnlyList<string> keys, Func<string, T?, T> change, CancellationToken cancellationToken) where T : class
    {
        var (standing, left) = (new Dictionary<string, T>(keys.Count, StringComparer.Ordinal), keys);
        for (var attempt = 1; left.Count > 0 && attempt <= AttemptsTogether; attempt++)
        {
            if (attempt > 1)
            {
                await PauseAsync(attempt, cancellationToken);
            }

            var seen = await state.ReadDocumentsAsync<T>(left, cancellationToken);
            var changed = new List<Document<T>>();
            foreach (var document in seen)
            {
                var next = document with { Value = change(document.Key, document.Value) };
                standing[document.Key] = next.Value!;
                if (!ReferenceEquals(next.Value, document.Value))
                {
                    changed.Add(next);
                }
            }

            // After a failure the next look shows which of them were taken: those are as they should be.
            left = changed.Count == 0 || await state.TryWriteManyAsync(changed, cancellationToken) ? [] : [.. changed.Select(document => document.Key)];
        }

        await Task.WhenAll(left.Select(async key =>
        {
            var document = await UpdateAsync<T>(key, current => change(key, current), cancellationToken);
            lock (standing)
            {
                standing[key] = document;
            }
        }));
        return [.. keys.Select(key => standing[key])];
    }

    /// <summary>The document with what a later change needs to know whether it is still the same.</summary>
    public Task<Document<T>> ReadAsync<T>(string key, CancellationToken cancellationToken) where T : class => state.ReadAsync<T>(key, cancellationToken);

    /// <summary>Removes a document that was read before, unless it has changed since. False also when the store did not say that it is gone.</summary>
    public async Task<bool> TryRemoveAsync<T>(Document<T> seen, CancellationToken cancellationToken) where T : class =>
        seen.Value is not null && await state.TryDeleteAsync(seen.Key, seen.ETag, cancellationToken);

    /// <summary>
    /// Changes a document and returns what stands afterwards. <paramref name="change"/> gets null when there is none, and returns the same instance to leave it
    /// as it is; it may be called several times.
    /// </summary>
    /// <param name="timeToLive">After this time without a change the document is gone; null keeps it for ever.</param>
    /// <exception cref="DaprException">The store did not take the write in 30 attempts.</exception>
    public async Task<T> UpdateAsync<T>(string key, Func<T?, T> change, CancellationToken cancellationToken, TimeSpan? timeToLive = null) where T : class =>
        await UpdateAsync(await state.ReadAsync<T>(key, cancellationToken), change, cancellationToken, _ => timeToLive);

    /// <summary>As above, for a document that was read before: it is read again only when it has changed since.</summary>
    /// <param name="timeToLive">How long the new value may live; null, or a result of null, keeps it for ever.</param>
    /// <exception cref="DaprException">The store did not take the write in 30 attempts.</exception>
    public async Task<T> UpdateAsync<T>(
        Document<T> seen, Func<T?, T> change, CancellationToken cancellationToken, Func<T, TimeSpan?>? timeToLive = null) where T : class
    {
        for (var attempt = 1; ; attempt++)
        {
            var next = change(seen.Value);
            if (ReferenceEquals(next, seen.Value))
            {
                return next;
            }

            try
            {
                if (await state.TryWriteAsync(seen.Key, next, seen.ETag, timeToLive?.Invoke(next), cancellationToken))
                {
                    return next;
                }
            }
            catch (DaprException) when (attempt < MaxAttempts && !cancellationToken.IsCancellationRequested)
            {
                // Some stores report a conflict as a plain failure: what stands in the document decides, not the status code.
            }

            if (attempt == MaxAttempts)
            {
                throw new DaprException($"{service.Store} did not take {seen.Key} in {MaxAttempts} attempts.");
            }

            // What was only assumed is read at once; after a lost race, the others get out of step first.
            if (seen.ETag.Length > 0 || attempt > 1)
            {
                await PauseAsync(attempt, cancellationToken);
            }

            seen = await state.ReadAsync<T>(seen.Key, cancellationToken);
        }
    }

    private Task PauseAsync(int attempt, CancellationToken cancellationToken) => Task.Delay(TimeSpan.FromMilliseconds(random.Next(1, 5 * attempt)), time, cancellationToken);

    /// <summary>Whether the store answers.</summary>
    public async Task<bool> IsReachableAsync(CancellationToken cancellationToken)
    {
        try
        {
            await state.ReadAsync<object>("health", cancellationToken);
            return true;
        }
        catch (Exception failure) when (failure is DaprException or RpcException)
        {
            return false;
        }
    }
}
