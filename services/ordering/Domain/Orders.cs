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

    /// <summary>Changes an existing order and returns what stands.</summary>
    public Task<Order> ChangeAsync(string id, Func<Order, Order> change, CancellationToken cancellationToken) => store.UpdateAsync<Order>(
        Order.Key(id), current => change(current ?? throw new InvalidOperationException($"There is no order {id}.")), cancellationToken);
}
