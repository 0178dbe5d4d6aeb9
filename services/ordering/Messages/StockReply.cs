using Eventide.Contracts;
using Eventide.Ordering.Domain;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Ordering.Messages;

/// <summary>Inventory's answers.</summary>
internal sealed class StockReply(ReplyRouter saga)
    : IEventHandler<StockReserved>, IEventHandler<StockRejected>, IEventHandler<StockSold>, IEventHandler<StockReleased>
{
    public Task HandleAsync(StockReserved message, CancellationToken cancellationToken) =>
        saga.DoneAsync(message.OrderId, SagaStep.Stock, cancellationToken);

    public Task HandleAsync(StockRejected message, CancellationToken cancellationToken) =>
        saga.RefusedAsync(message.OrderId, SagaStep.Stock, message.Reason, cancellationToken);

    public Task HandleAsync(StockSold message, CancellationToken cancellationToken) =>
        saga.DoneAsync(message.OrderId, SagaStep.Sale, cancellationToken);

    public Task HandleAsync(StockReleased message, CancellationToken cancellationToken) =>
        saga.DoneAsync(message.OrderId, SagaStep.StockUndo, cancellationToken);
}
