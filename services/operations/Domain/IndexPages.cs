using System.Collections.Concurrent;
using Eventide.ServiceDefaults.State;

namespace Eventide.Operations.Domain;

/// <summary>One document of an index: what it lists, and when each entry came in.</summary>
internal sealed record IndexPage(IReadOnlyDictionary<string, DateTimeOffset> Entries)
{
    public static readonly IndexPage Empty = new(new Dictionary<string, DateTimeOffset>());

    /// <summary>The same page when the entry is there already.</summary>
    public IndexPage With(string id, DateTimeOffset at) =>
        Entries.ContainsKey(id) ? this : new IndexPage(new Dictionary<string, DateTimeOffset>(Entries) { [id] = at });

    /// <summary>The same page when there is no such entry.</summary>
    public IndexPage Without(string id)
    {
        if (!Entries.ContainsKey(id))
        {
            return this;
        }

        var entries = new Dictionary<string, DateTimeOffset>(Entries);
        entries.Remove(id);
        return new IndexPage(entries);
    }
}

/// <summary>Index documents. Changes to one document that come together share a write. Thread-safe.</summary>
/// <param name="retention">After this time without a change a page is gone; null keeps it for ever.</param>
internal sealed class IndexPages(DocumentStore store, TimeSpan? retention)
{
    private const int LargestBatch = 500;
    private readonly ConcurrentDictionary<string, Batches<Func<IndexPage, IndexPage>, bool>> _writers = new(StringComparer.Ordinal);

    /// <summary>Completes when the change is written, or was not needed.</summary>
    public Task ChangeAsync(string key, Func<IndexPage, IndexPage> change, CancellationToken cancellationToken) =>
        _writers.GetOrAdd(key, WriterOf).AddAsync(change, cancellationToken);

    /// <summary>The pages of those keys that have one.</summary>
    public Task<IReadOnlyDictionary<string, IndexPage>> ReadAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        store.GetManyAsync<IndexPage>(keys, cancellationToken);

    /// <summary>Removes those of the pages that list nothing; false when one lists something, or could not be removed.</summary>
    public async Task<bool> RemoveEmptyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        foreach (var key in (await ReadAsync(keys, cancellationToken)).Keys)
        {
            var page = await store.ReadAsync<IndexPage>(key, cancellationToken);
            if (page.Value is { } listed && (listed.Entries.Count > 0 || !await store.TryRemoveAsync(page, cancellationToken)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Forgets the writers of pages that will not change any more.</summary>
    public void Forget(Func<string, bool> isDone)
    {
        foreach (var key in _writers.Keys.Where(isDone))
        {
            _writers.TryRemove(key, out _);
        }
    }

    private Batches<Func<IndexPage, IndexPage>, bool> WriterOf(string key) => new(LargestBatch, async changes =>
    {
        await store.UpdateAsync<IndexPage>(
            key, current => changes.Aggregate(current ?? IndexPage.Empty, (page, change) => change(page)), CancellationToken.None, retention);
        return [.. changes.Select(_ => true)];
    });
}
