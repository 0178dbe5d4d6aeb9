using System.Globalization;
using Dapr;
using Dapr.Client;
using Grpc.Core;

namespace Eventide.ServiceDefaults.State;

/// <summary>State in the service's own Dapr component.</summary>
internal sealed class DaprState(DaprClient dapr, ServiceIdentity service) : IStateAccess
{
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };

    /// <inheritdoc/>
    public async Task<Document<T>> ReadAsync<T>(string key, CancellationToken cancellationToken) where T : class
    {
        var (value, etag) = await dapr.GetStateAndETagAsync<T?>(service.Store, key, cancellationToken: cancellationToken);
        return new Document<T>(key, value, etag ?? "");
    }

    /// <inheritdoc/>
    public Task<bool> TryWriteAsync<T>(string key, T value, string etag, TimeSpan? timeToLive, CancellationToken cancellationToken) where T : class =>
        dapr.TrySaveStateAsync(service.Store, key, value, etag, FirstWrite, Metadata(timeToLive), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> TryDeleteAsync(string key, string etag, CancellationToken cancellationToken) =>
        dapr.TryDeleteStateAsync(service.Store, key, etag, FirstWrite, cancellationToken: cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, T>> ReadManyAsync<T>(IReadOnlyList<string> keys, CancellationToken cancellationToken) where T : class =>
        keys.Count == 0
            ? new Dictionary<string, T>()
            : (await dapr.GetBulkStateAsync<T?>(service.Store, keys, parallelism: 0, cancellationToken: cancellationToken))
                .Where(item => item.Value is not null).ToDictionary(item => item.Key, item => item.Value!, StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<bool> TryInsertAsync<T>(
        IReadOnlyList<KeyValuePair<string, T>> documents, TimeSpan? timeToLive, CancellationToken cancellationToken) where T : class
    {
        try
        {
            var metadata = Metadata(timeToLive);
            await dapr.SaveBulkStateAsync(
                service.Store, documents.Select(document => new SaveStateItem<T>(document.Key, document.Value, "", FirstWrite, metadata)).ToList(), cancellationToken);
            return true;
        }
        catch (Exception failure) when (failure is DaprException or RpcException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Document<T>>> ReadDocumentsAsync<T>(IReadOnlyList<string> keys, CancellationToken cancellationToken) where T : class
    {
        if (keys.Count == 0)
        {
            return [];
        }

        var found = (await dapr.GetBulkStateAsync<T?>(service.Store, keys, parallelism: 0, cancellationToken: cancellationToken))
            .ToDictionary(item => item.Key, StringComparer.Ordinal);
        return [.. keys.Select(key => found.TryGetValue(key, out var item) && item.Value is not null ? new Document<T>(key, item.Value, item.ETag ?? "") : Document<T>.Absent(key))];
    }

    /// <inheritdoc/>
    public async Task<bool> TryWriteManyAsync<T>(IReadOnlyList<Document<T>> documents, CancellationToken cancellationToken) where T : class
    {
        try
        {
            await dapr.SaveBulkStateAsync(
                service.Store, documents.Select(document => new SaveStateItem<T>(document.Key, document.Value!, document.ETag, FirstWrite, null)).ToList(), cancellationToken);
            return true;
        }
        catch (Exception failure) when (failure is DaprException or RpcException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static Dictionary<string, string>? Metadata(TimeSpan? timeToLive) => timeToLive is { } ttl
        ? new Dictionary<string, string> { ["ttlInSeconds"] = ((long)Math.Ceiling(ttl.TotalSeconds)).ToString(CultureInfo.InvariantCulture) }
        : null;
}
