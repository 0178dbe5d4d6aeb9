using System.Collections.Concurrent;
using System.Text.Json;
using Eventide.ServiceDefaults.State;

namespace Eventide.Operations.Tests.Support;

/// <summary>A store in memory in which something else can happen just before a document is removed. Thread-safe.</summary>
internal sealed class MemoryState : IStateAccess
{
    private readonly ConcurrentDictionary<string, (string Json, string ETag)> _documents = [];
    private int _etags;

    /// <summary>Called with the key, once for each removal.</summary>
    public Func<string, Task>? Removing { get; set; }

    public IEnumerable<string> Keys => _documents.Keys;

    public Task<Document<T>> ReadAsync<T>(string key, CancellationToken cancellationToken) where T : class => Task.FromResult(
        _documents.TryGetValue(key, out var found) ? new Document<T>(key, JsonSerializer.Deserialize<T>(found.Json), found.ETag) : Document<T>.Absent(key));

    public Task<bool> TryWriteAsync<T>(string key, T value, string etag, TimeSpan? timeToLive, CancellationToken cancellationToken) where T : class
    {
        var next = (JsonSerializer.Serialize(value), $"{Interlocked.Increment(ref _etags)}");
        return Task.FromResult(etag.Length == 0
            ? _documents.TryAdd(key, next)
            : _documents.TryGetValue(key, out var found) && found.ETag == etag && _documents.TryUpdate(key, next, found));
    }

    public async Task<bool> TryDeleteAsync(string key, string etag, CancellationToken cancellationToken)
    {
        await (Removing?.Invoke(key) ?? Task.CompletedTask);
        return _documents.TryGetValue(key, out var found) && found.ETag == etag && _documents.TryRemove(KeyValuePair.Create(key, found));
    }

    public async Task<IReadOnlyDictionary<string, T>> ReadManyAsync<T>(IReadOnlyList<string> keys, CancellationToken cancellationToken) where T : class
    {
        var documents = await Task.WhenAll(keys.Select(key => ReadAsync<T>(key, cancellationToken)));
        return documents.Where(document => document.Value is not null).ToDictionary(document => document.Key, document => document.Value!);
    }

    public async Task<bool> TryInsertAsync<T>(IReadOnlyList<KeyValuePair<string, T>> documents, TimeSpan? timeToLive, CancellationToken cancellationToken) where T : class
    {
        var written = await Task.WhenAll(documents.Select(document => TryWriteAsync(document.Key, document.Value, "", timeToLive, cancellationToken)));
        return written.All(isNew => isNew);
    }
}
