using Eventide.Contracts;
using Eventide.Ordering.Domain;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Ordering.Messages;

/// <summary>Inventory's answers.</summary>
internal sealed class StockReply(ReplyRouter saga)
    : IEventHandler<StockReserved>, IEventHandler<StockRejected>, IEventHandler<StockSold>, IEventHandler<StockReleased>
{
    public Task HandleAsync(StockReserved message, CancellationToken cancellationToken) =>
        saga.RaiseAsync(message.OrderId, SagaStep.Stock, Order.Done, cancellationToken);

    public Task HandleAsync(StockRejected message, CancellationToken cancellationToken) =>
        saga.RaiseAsync(message.OrderId, SagaStep.Stock, message.Reason, cancellationToken);

    public Task HandleAsync(StockSold message, CancellationToken cancellationToken) =>
        saga.RaiseAsync(message.OrderId, SagaStep.Sale, Order.Done, cancellationToken);

    public Task HandleAsync(StockReleased message, CancellationToken cancellationToken) =>
        saga.RaiseAsync(message.OrderId, SagaStep.StockUndo, Order.Done, cancellationToken);
}
