using Eventide.Basket.Domain;
using Eventide.Contracts;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Basket.Messages;

/// <summary>Takes what was ordered out of the customer's cart, once. A message that comes after its time leaves the cart alone: it is another one by then.</summary>
internal sealed class EmptyCart(Carts carts, TimeProvider time) : IEventHandler<OrderCreated>
{
    public async Task HandleAsync(OrderCreated message, CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() <= message.NotAfter)
        {
            await carts.ChangeAsync(message.CustomerId, cart => cart.TakeOut(message.OrderId, message.Lines), cancellationToken);
        }
    }
}
