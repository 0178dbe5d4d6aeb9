using Eventide.Contracts;

namespace Eventide.Basket.Domain;

/// <summary>A product in a cart and how many of it. Prices are not kept: they are what the catalog says when somebody looks.</summary>
public sealed record CartItem(string Sku, int Quantity);

/// <summary>The cart of a customer. Pure: every change returns a new value, or the same instance when nothing changes.</summary>
/// <param name="Items">In the order in which they were put in.</param>
/// <param name="Ordered">The orders that were taken out already, newest last: a message that comes again must not empty the next cart.</param>
public sealed record Cart(IReadOnlyList<CartItem> Items, IReadOnlyList<string> Ordered)
{
    public const int MaxItems = 50;
    public const int MaxQuantity = 1000;

    // Only orders whose message has not expired matter (it is refused from then on); nobody places more within that time.
    private const int RememberedOrders = 50;

    public static readonly Cart Empty = new([], []);

    /// <summary>Whether another product fits in.</summary>
    public bool IsFull => Items.Count >= MaxItems;

    /// <summary>The customer's ids come from elsewhere and may have any characters.</summary>
    public static string Key(string customerId) => $"basket/{Uri.EscapeDataString(customerId)}";

    /// <summary>Sets how many of a product are in the cart; 0 takes it out.</summary>
    public Cart Put(string sku, int quantity)
    {
        var index = Items.ToList().FindIndex(item => item.Sku == sku);
        if (index < 0)
        {
            return quantity == 0 ? this : this with { Items = [.. Items, new CartItem(sku, quantity)] };
        }

        return Items[index].Quantity == quantity
            ? this
            : this with { Items = [.. Items.Select(item => item.Sku == sku ? item with { Quantity = quantity } : item).Where(item => item.Quantity > 0)] };
    }

    /// <summary>Takes everything out.</summary>
    public Cart Clear() => Items.Count == 0 ? this : this with { Items = [] };

    /// <summary>Takes out what was ordered, once per order; what was put in since then stays.</summary>
    public Cart TakeOut(string orderId, IReadOnlyList<OrderLine> lines)
    {
        if (Ordered.Contains(orderId))
        {
            return this;
        }

        var ordered = lines.GroupBy(line => line.Sku, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Sum(line => line.Quantity));
        return new Cart(
            [.. Items.Select(item => item with { Quantity = item.Quantity - ordered.GetValueOrDefault(item.Sku) }).Where(item => item.Quantity > 0)],
            [.. Ordered.TakeLast(RememberedOrders - 1), orderId]);
    }
}
