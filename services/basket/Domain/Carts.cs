using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.Options;

namespace Eventide.Basket.Domain;

/// <summary>The carts. Every change begins a cart's time to live anew. Thread-safe.</summary>
public sealed class Carts(DocumentStore store, IOptions<BasketOptions> options)
{
    /// <summary>The customer's cart; an empty one when there is none.</summary>
    public async Task<Cart> FindAsync(string customerId, CancellationToken cancellationToken) =>
        await store.GetAsync<Cart>(Cart.Key(customerId), cancellationToken) ?? Cart.Empty;

    /// <summary>Changes the customer's cart and returns what stands.</summary>
    public async Task<Cart> ChangeAsync(string customerId, Func<Cart, Cart> change, CancellationToken cancellationToken) =>
        await store.UpdateAsync<Cart>(Cart.Key(customerId), current => Apply(change, current)!, cancellationToken, options.Value.TimeToLive) ?? Cart.Empty;

    private static Cart? Apply(Func<Cart, Cart> change, Cart? current)
    {
        var cart = current ?? Cart.Empty;
        var next = change(cart);
        return ReferenceEquals(next, cart) ? current : next;
    }
}
