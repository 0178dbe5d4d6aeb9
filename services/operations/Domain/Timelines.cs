using System.Runtime.CompilerServices;
using Dapr;
using Eventide.Contracts;
using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.Options;

namespace Eventide.Operations.Domain;

/// <summary>
/// The events of every order: one document per event, written once, found again because the ids that an order can have follow from the contracts. Thread-safe.
/// </summary>
internal sealed class Timelines(DocumentStore store, IOptions<OperationsOptions> options)
{
    private const int LargestBatch = 100;
    private const int OrdersPerRead = 40;
    private const int MaxAttempts = 10;

    private readonly Batches<TimelineEntry, bool> _inserts = new(LargestBatch, async entries => await InsertAsync(store, entries, options.Value.Retention));

    /// <summary>Keeps an event unless it is there already, without reading first. True when it is new.</summary>
    public Task<bool> AddAsync(TimelineEntry entry, CancellationToken cancellationToken) => _inserts.AddAsync(entry, cancellationToken);

    /// <summary>The event as it was first seen, or null.</summary>
    public Task<TimelineEntry?> FindAsync(string orderId, string eventId, CancellationToken cancellationToken) =>
        store.GetAsync<TimelineEntry>(TimelineEntry.Key(orderId, eventId), cancellationToken);

    /// <summary>
    /// Every event of an order in the order of the saga: a request before its reply, both before the verdict, facts by version. Neither arrival nor clocks count.
    /// </summary>
    public async Task<IReadOnlyList<TimelineEntry>> ReadAsync(string orderId, CancellationToken cancellationToken)
    {
        var keys = FactIds(orderId).Concat(OrderFlow.IdsOf(orderId)).Select(id => TimelineEntry.Key(orderId, id)).ToList();
        return [.. InSagaOrder((await store.GetManyAsync<TimelineEntry>(keys, cancellationToken)).Values)];
    }

    /// <summary>What the facts of each order add up to; orders without facts are left out.</summary>
    public async IAsyncEnumerable<OrderReadModel> FoldAsync(
        IEnumerable<string> orderIds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var together in orderIds.Chunk(OrdersPerRead))
        {
            var facts = (await store.GetManyAsync<TimelineEntry>(
                [.. together.SelectMany(id => FactIds(id).Select(fact => TimelineEntry.Key(id, fact)))], cancellationToken)).Values.ToLookup(fact => fact.OrderId);
            foreach (var id in together)
            {
                if (OrderReadModel.Fold(facts[id]) is { } order)
                {
                    yield return order;
                }
            }
        }
    }

    internal static IEnumerable<TimelineEntry> InSagaOrder(IEnumerable<TimelineEntry> events) => events
        .Select(entry => (Entry: entry, Flow: OrderFlow.Find(entry.Type)!))
        .OrderBy(e => e.Entry.Type == OrderProgressed.Type ? OrderFlow.StageOf(e.Entry.DataText("step") ?? "") : e.Flow.Stage)
        .ThenBy(e => e.Flow.Role)
        .ThenBy(e => e.Entry.OrderVersion ?? 0)
        .ThenBy(e => e.Entry.Id, StringComparer.Ordinal)
        .Select(e => e.Entry);

    private static IEnumerable<string> FactIds(string orderId) => Enumerable.Range(1, OrderFlow.MaxVersions).Select(version => OrderIds.Fact(orderId, version));

    private static async Task<IReadOnlyList<bool>> InsertAsync(DocumentStore store, IReadOnlyList<TimelineEntry> entries, TimeSpan retention)
    {
        var wanted = entries.DistinctBy(entry => entry.Id).ToDictionary(KeyOf, StringComparer.Ordinal);
        var missing = wanted;
        IReadOnlyDictionary<string, TimelineEntry> standing = new Dictionary<string, TimelineEntry>();
        for (var attempt = 1; missing.Count > 0 && !await store.TryInsertAsync([.. missing], retention, CancellationToken.None); attempt++)
        {
            if (attempt == MaxAttempts)
            {
                throw new DaprException($"The store did not take {missing.Count} events in {MaxAttempts} attempts.");
            }

            // Some were there already, or the store failed: what stands tells.
            standing = await store.GetManyAsync<TimelineEntry>([.. wanted.Keys], CancellationToken.None);
            missing = wanted.Where(document => !standing.ContainsKey(document.Key)).ToDictionary(StringComparer.Ordinal);
        }

        return [.. entries.Select(entry => ReferenceEquals(wanted[KeyOf(entry)], entry) && (standing.GetValueOrDefault(KeyOf(entry)) ?? entry).ReceivedAt == entry.ReceivedAt)];
    }

    private static string KeyOf(TimelineEntry entry) => TimelineEntry.Key(entry.OrderId, entry.Id);
}
