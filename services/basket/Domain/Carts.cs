using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.Options;

namespace Eventide.Basket.Domain;

/// <summary>
/// The carts. Every change begins a cart's time to live anew; changes of one customer that come together share a write, because writers that each compare and set get
/// slower the more of them there are. Thread-safe.
/// </summary>
public sealed class Carts
{
    private const int LargestBatch = 200;
    private const int Lanes = 64;
    private readonly DocumentStore _store;
    private readonly TimeSpan _timeToLive;
    private readonly Batches<Change, Cart>[] _lanes;

    public Carts(DocumentStore store, IOptions<BasketOptions> options)
    {
        (_store, _timeToLive) = (store, options.Value.TimeToLive);
        _lanes = [.. Enumerable.Range(0, Lanes).Select(_ => new Batches<Change, Cart>(LargestBatch, WriteAsync))];
    }

    /// <summary>The customer's cart; an empty one when there is none.</summary>
    public async Task<Cart> FindAsync(string customerId, CancellationToken cancellationToken) =>
        await _store.GetAsync<Cart>(Cart.Key(customerId), cancellationToken) ?? Cart.Empty;

    /// <summary>Changes the customer's cart and returns what stands. <paramref name="change"/> may be called several times; the last call counts.</summary>
    public Task<Cart> ChangeAsync(string customerId, Func<Cart, Cart> change, CancellationToken cancellationToken) =>
        _lanes[(uint)customerId.GetHashCode(StringComparison.Ordinal) % Lanes].AddAsync(new Change(customerId, change), cancellationToken);

    private async Task<IReadOnlyList<Cart>> WriteAsync(IReadOnlyList<Change> changes)
    {
        var carts = await Task.WhenAll(changes.GroupBy(change => change.CustomerId).Select(async customer => (customer.Key, Cart: await WriteAsync(customer.Key, [.. customer]))));
        var byCustomer = carts.ToDictionary(entry => entry.Key, entry => entry.Cart, StringComparer.Ordinal);
        return [.. changes.Select(change => byCustomer[change.CustomerId])];
    }

    private async Task<Cart> WriteAsync(string customerId, IReadOnlyList<Change> changes) =>
        await _store.UpdateAsync<Cart>(Cart.Key(customerId), current => Apply(changes, current)!, CancellationToken.None, _timeToLive) ?? Cart.Empty;

    private static Cart? Apply(IReadOnlyList<Change> changes, Cart? current)
    {
        var cart = current ?? Cart.Empty;
        var next = changes.Aggregate(cart, (changed, change) => change.Apply(changed));
        return ReferenceEquals(next, cart) ? current : next;
    }

    private sealed record Change(string CustomerId, Func<Cart, Cart> Apply);
}
