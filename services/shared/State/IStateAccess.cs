namespace Eventide.ServiceDefaults.State;

/// <summary>The operations that all state is made of. Thread-safe.</summary>
public interface IStateAccess
{
    /// <summary>Reads a document.</summary>
    Task<Document<T>> ReadAsync<T>(string key, CancellationToken cancellationToken) where T : class;

    /// <summary>
    /// Writes if the document still has this ETag; an empty one creates only. False, or a <see cref="Dapr.DaprException"/>, when the write was not acknowledged: it
    /// may have happened nevertheless.
    /// </summary>
    /// <param name="timeToLive">After this time without a write the document is gone; null keeps it for ever.</param>
    Task<bool> TryWriteAsync<T>(string key, T value, string etag, TimeSpan? timeToLive, CancellationToken cancellationToken) where T : class;

    /// <summary>
    /// Removes the document if it still has this ETag. False, or a <see cref="Dapr.DaprException"/>, when that was not acknowledged: it may have happened nevertheless.
    /// </summary>
    Task<bool> TryDeleteAsync(string key, string etag, CancellationToken cancellationToken);

    /// <summary>The documents of those keys that have one.</summary>
    Task<IReadOnlyDictionary<string, T>> ReadManyAsync<T>(IReadOnlyList<string> keys, CancellationToken cancellationToken) where T : class;

    /// <summary>Reads documents in one call where the store can, in the order of the keys.</summary>
    async Task<IReadOnlyList<Document<T>>> ReadDocumentsAsync<T>(IReadOnlyList<string> keys, CancellationToken cancellationToken) where T : class =>
        await Task.WhenAll(keys.Select(key => ReadAsync<T>(key, cancellationToken)));

    /// <summary>Writes documents as <see cref="TryWriteAsync"/> does, in one call where the store can. False means that some may not have been written.</summary>
    async Task<bool> TryWriteManyAsync<T>(IReadOnlyList<Document<T>> documents, CancellationToken cancellationToken) where T : class =>
        (await Task.WhenAll(documents.Select(document => TryWriteAsync(document.Key, document.Value!, document.ETag, null, cancellationToken)))).All(written => written);

    /// <summary>Creates documents in one call. False means that some may have existed, or that the store failed.</summary>
    Task<bool> TryInsertAsync<T>(IReadOnlyList<KeyValuePair<string, T>> documents, TimeSpan? timeToLive, CancellationToken cancellationToken) where T : class;
}
