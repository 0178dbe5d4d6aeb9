using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.Options;

namespace Eventide.Operations.Domain;

/// <summary>Which orders there are, newest first, and which have not ended. Thread-safe.</summary>
internal sealed class OrderList(DocumentStore store, Timelines timelines, IOptions<OperationsOptions> options, TimeProvider time)
{
    private const int OpenShards = 16;
    private readonly TimeIndex _all = new(store, "operations/orders", options.Value.Retention, time);
    private readonly IndexPages _open = new(store, retention: null);

    /// <summary>Lists an order that was accepted.</summary>
    /// <param name="receivedAt">When its first event was first seen; the same again changes nothing.</param>
    public Task AddAsync(string orderId, DateTimeOffset receivedAt, bool isOpen, CancellationToken cancellationToken) => Task.WhenAll(
        _all.AddAsync(orderId, receivedAt, cancellationToken),
        isOpen ? _open.ChangeAsync(OpenKey(orderId), page => page.With(orderId, receivedAt), cancellationToken) : Task.CompletedTask);

    /// <summary>Takes an order that has ended off the list of open ones.</summary>
    public Task EndAsync(string orderId, CancellationToken cancellationToken) =>
        _open.ChangeAsync(OpenKey(orderId), page => page.Without(orderId), cancellationToken);

    /// <summary>Orders newest first.</summary>
    public IAsyncEnumerable<(string Id, DateTimeOffset At)> ReadAsync(DateTimeOffset since, TimeCursor? before, CancellationToken cancellationToken) =>
        _all.ReadAsync(since, before, cancellationToken);

    /// <summary>
    /// Orders that have not ended although they were accepted before <paramref name="acceptedBefore"/>, oldest first. The end may be seen before the beginning; such
    /// orders stay listed as open, and are taken off here.
    /// </summary>
    public async Task<IReadOnlyList<(OrderReadModel Order, DateTimeOffset ReceivedAt)>> StuckAsync(DateTimeOffset acceptedBefore, CancellationToken cancellationToken)
    {
        var pages = await _open.ReadAsync([.. Enumerable.Range(0, OpenShards).Select(OpenKey)], cancellationToken);
        var old = pages.Values.SelectMany(page => page.Entries).Where(entry => entry.Value < acceptedBefore).ToDictionary();
        var stuck = new List<(OrderReadModel, DateTimeOffset)>();
        await foreach (var order in timelines.FoldAsync(old.OrderBy(entry => entry.Value).Select(entry => entry.Key), cancellationToken))
        {
            if (order.State == OrderProgress.InProgress)
            {
                stuck.Add((order, old[order.OrderId]));
            }
            else
            {
                await EndAsync(order.OrderId, cancellationToken);
            }
        }

        return stuck;
    }

    private static string OpenKey(string orderId) => OpenKey(TimeIndex.Shard(orderId));

    private static string OpenKey(int shard) => $"operations/open-orders/{shard}";
}
