using Eventide.Contracts;
using Eventide.Ordering.Domain;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Ordering.Messages;

/// <summary>Shipping's answers.</summary>
internal sealed class ShipmentReply(ReplyRouter saga) : IEventHandler<ShipmentBooked>, IEventHandler<ShipmentRejected>, IEventHandler<ShipmentCancelled>
{
    public Task HandleAsync(ShipmentBooked message, CancellationToken cancellationToken) =>
        saga.DoneAsync(message.OrderId, SagaStep.Shipment, cancellationToken);

    public Task HandleAsync(ShipmentRejected message, CancellationToken cancellationToken) =>
        saga.RefusedAsync(message.OrderId, SagaStep.Shipment, message.Reason, cancellationToken);

    public Task HandleAsync(ShipmentCancelled message, CancellationToken cancellationToken) =>
        saga.DoneAsync(message.OrderId, SagaStep.ShipmentUndo, cancellationToken);
}
