using Eventide.ServiceDefaults.State;

namespace Eventide.Ordering.Domain;

/// <summary>The order documents. Thread-safe.</summary>
public sealed class Orders(DocumentStore store)
{
    /// <summary>The order, or null.</summary>
    public Task<Order?> FindAsync(string id, CancellationToken cancellationToken) => store.GetAsync<Order>(Order.Key(id), cancellationToken);

    /// <summary>Writes the order unless there is one of that id; returns the one that stands.</summary>
    public Task<Order> AddAsync(Order order, CancellationToken cancellationToken) =>
        store.AddAsync(Order.Key(order.Id), order, cancellationToken);

    /// <summary>An order that must exist.</summary>
    public async Task<Order> GetAsync(string id, CancellationToken cancellationToken) => await FindAsync(id, cancellationToken) ?? throw NoOrder(id);

    /// <summary>Changes an existing order and returns what stands.</summary>
    public Task<Order> ChangeAsync(string id, Func<Order, Order> change, CancellationToken cancellationToken) =>
        store.UpdateAsync<Order>(Order.Key(id), current => change(current ?? throw NoOrder(id)), cancellationToken);

    private static InvalidOperationException NoOrder(string id) => new($"There is no order {id}.");
}
