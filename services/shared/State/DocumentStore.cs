using System.Globalization;
using Dapr;
using Dapr.Client;
using Grpc.Core;

namespace Eventide.ServiceDefaults.State;

/// <summary>
/// The one way in which a service changes its state: read, decide by content, write conditionally, and after any failure read and decide again. A change
/// must be recognisable in the document, because a write that was reported as failed may have happened. Thread-safe.
/// </summary>
public sealed class DocumentStore(DaprClient dapr, ServiceIdentity service, TimeProvider time)
{
    private const int MaxAttempts = 30;
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };

    /// <summary>The document, or null.</summary>
    public async Task<T?> GetAsync<T>(string key, CancellationToken cancellationToken) where T : class =>
        await dapr.GetStateAsync<T?>(service.Store, key, cancellationToken: cancellationToken);

    /// <summary>Writes the document unless there is one under the key; returns the one that stands.</summary>
    /// <exception cref="DaprException">The store did not take the write in 30 attempts.</exception>
    public async Task<T> AddAsync<T>(string key, T document, CancellationToken cancellationToken) where T : class
    {
        try
        {
            if (await dapr.TrySaveStateAsync(service.Store, key, document, "", FirstWrite, cancellationToken: cancellationToken))
            {
                return document;
            }
        }
        catch (DaprException) when (!cancellationToken.IsCancellationRequested)
        {
            // As below: what stands decides.
        }

        return await UpdateAsync<T>(key, current => current ?? document, cancellationToken);
    }

    /// <summary>The documents of those keys that have one.</summary>
    public async Task<IReadOnlyDictionary<string, T>> GetManyAsync<T>(IReadOnlyList<string> keys, CancellationToken cancellationToken) where T : class =>
        keys.Count == 0
            ? new Dictionary<string, T>()
            : (await dapr.GetBulkStateAsync<T?>(service.Store, keys, parallelism: 0, cancellationToken: cancellationToken))
                .Where(item => item.Value is not null).ToDictionary(item => item.Key, item => item.Value!, StringComparer.Ordinal);

    /// <summary>
    /// Writes new documents in one call without reading first. False means that some may have existed, or that the store failed: the caller then takes them one by
    /// one and decides by content.
    /// </summary>
    public async Task<bool> TryInsertAsync<T>(IReadOnlyList<KeyValuePair<string, T>> documents, TimeSpan? timeToLive, CancellationToken cancellationToken) where T : class
    {
        try
        {
            var metadata = TimeToLive(timeToLive);
            await dapr.SaveBulkStateAsync(
                service.Store, documents.Select(document => new SaveStateItem<T>(document.Key, document.Value, "", FirstWrite, metadata)).ToList(), cancellationToken);
            return true;
        }
        catch (Exception failure) when (failure is DaprException or RpcException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>
    /// Changes a document and returns what stands afterwards. <paramref name="change"/> gets null when there is none, and returns the same instance to leave it
    /// as it is; it may be called several times.
    /// </summary>
    /// <param name="timeToLive">After this time without a change the document is gone; null keeps it for ever.</param>
    /// <exception cref="DaprException">The store did not take the write in 30 attempts.</exception>
    public async Task<T> UpdateAsync<T>(string key, Func<T?, T> change, CancellationToken cancellationToken, TimeSpan? timeToLive = null) where T : class
    {
        var metadata = TimeToLive(timeToLive);
        for (var attempt = 1; ; attempt++)
        {
            var (current, etag) = await dapr.GetStateAndETagAsync<T?>(service.Store, key, cancellationToken: cancellationToken);
            var next = change(current);
            if (ReferenceEquals(next, current))
            {
                return next;
            }

            try
            {
                if (await dapr.TrySaveStateAsync(service.Store, key, next, etag ?? "", FirstWrite, metadata, cancellationToken))
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
                throw new DaprException($"{service.Store} did not take {key} in {MaxAttempts} attempts.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 5 * attempt)), time, cancellationToken);
        }
    }

    /// <summary>Whether the store answers.</summary>
    public async Task<bool> IsReachableAsync(CancellationToken cancellationToken)
    {
        try
        {
            await dapr.GetStateAsync<object?>(service.Store, "health", cancellationToken: cancellationToken);
            return true;
        }
        catch (Exception failure) when (failure is DaprException or RpcException)
        {
            return false;
        }
    }

    private static Dictionary<string, string>? TimeToLive(TimeSpan? timeToLive) => timeToLive is { } ttl
        ? new Dictionary<string, string> { ["ttlInSeconds"] = ((long)ttl.TotalSeconds).ToString(CultureInfo.InvariantCulture) }
        : null;
}
