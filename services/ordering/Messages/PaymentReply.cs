using Eventide.Contracts;
using Eventide.Ordering.Domain;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Ordering.Messages;

/// <summary>Payment's answers.</summary>
internal sealed class PaymentReply(ReplyRouter saga) : IEventHandler<PaymentCaptured>, IEventHandler<PaymentDeclined>, IEventHandler<PaymentRefunded>
{
    public Task HandleAsync(PaymentCaptured message, CancellationToken cancellationToken) =>
        saga.RaiseAsync(message.OrderId, SagaStep.Payment, Order.Done, cancellationToken);

    public Task HandleAsync(PaymentDeclined message, CancellationToken cancellationToken) =>
        saga.RaiseAsync(message.OrderId, SagaStep.Payment, message.Reason, cancellationToken);

    public Task HandleAsync(PaymentRefunded message, CancellationToken cancellationToken) =>
        saga.RaiseAsync(message.OrderId, SagaStep.PaymentUndo, Order.Done, cancellationToken);
}
