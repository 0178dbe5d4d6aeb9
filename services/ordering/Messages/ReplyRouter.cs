using System.Diagnostics.Metrics;
using Eventide.Ordering.Domain;
using Eventide.Ordering.Saga;
using Eventide.ServiceDefaults.Messaging;
using Grpc.Core;

namespace Eventide.Ordering.Messages;

/// <summary>Brings a participant's reply to the saga of its order.</summary>
internal sealed partial class ReplyRouter(Sagas sagas, Orders orders, ILogger<ReplyRouter> log)
{
    private static readonly Meter Meter = new("Eventide.Ordering");
    private static readonly Counter<long> LateReplies = Meter.CreateCounter<long>("eventide.replies.late", "{reply}", "Replies that came after the end of their order.");

    /// <summary>The step did what was asked.</summary>
    public Task DoneAsync(string orderId, SagaStep step, CancellationToken cancellationToken) =>
        RaiseAsync(orderId, step, new StepReply(StepResult.Done, null, MessageInHand.EventId), cancellationToken);

    /// <summary>The participant said no.</summary>
    public Task RefusedAsync(string orderId, SagaStep step, string reason, CancellationToken cancellationToken) =>
        RaiseAsync(orderId, step, new StepReply(StepResult.Refused, reason, MessageInHand.EventId), cancellationToken);

    private async Task RaiseAsync(string orderId, SagaStep step, StepReply reply, CancellationToken cancellationToken)
    {
        try
        {
            await sagas.AnswerAsync(orderId, step, reply, cancellationToken);
        }
        catch (RpcException failure)
        {
            // An instance that is gone is known only by the text of the error, and a sidecar that is away fails too; the document tells whether anyone still waits.
            switch (await orders.FindAsync(orderId, cancellationToken))
            {
                case null:
                    throw new UnprocessableMessageException($"there is no order {orderId}");
                case { IsTerminal: true }:
                    LateReplies.Add(1, new KeyValuePair<string, object?>("eventide.step", step.ToString()));
                    Late(failure, orderId, step);
                    return;
                default:
                    throw;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A reply for {Step} of order {OrderId} came after its end")]
    private partial void Late(Exception failure, string orderId, SagaStep step);
}
