using Eventide.Contracts;
using Eventide.Ordering.Domain;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Ordering.Messages;

/// <summary>Payment's answers.</summary>
internal sealed class PaymentReply(ReplyRouter saga) : IEventHandler<PaymentCaptured>, IEventHandler<PaymentDeclined>, IEventHandler<PaymentRefunded>
{
    public Task HandleAsync(PaymentCaptured message, CancellationToken cancellationToken) =>
        saga.DoneAsync(message.OrderId, SagaStep.Payment, cancellationToken);

    public Task HandleAsync(PaymentDeclined message, CancellationToken cancellationToken) =>
        saga.RefusedAsync(message.OrderId, SagaStep.Payment, message.Reason, cancellationToken);

    public Task HandleAsync(PaymentRefunded message, CancellationToken cancellationToken) =>
        saga.DoneAsync(message.OrderId, SagaStep.PaymentUndo, cancellationToken);
}
