using Dapr.Workflow;
using Eventide.Ordering.Domain;
using Eventide.Ordering.Saga;
using Grpc.Core;

namespace Eventide.Ordering.Messages;

/// <summary>Brings a participant's reply to the saga of its order. A reply that comes after the end is counted and forgotten.</summary>
internal sealed partial class ReplyRouter(DaprWorkflowClient workflows, Orders orders, ILogger<ReplyRouter> log)
{
    public async Task RaiseAsync(string orderId, SagaStep step, string outcome, CancellationToken cancellationToken)
    {
        try
        {
            await workflows.RaiseEventAsync(orderId, step.ToString(), new StepReply(outcome), cancellationToken);
        }
        catch (RpcException failure)
        {
            // Which error this is differs between sidecars; the document tells whether anyone still waits.
            if (await orders.FindAsync(orderId, cancellationToken) is { IsTerminal: false })
            {
                throw;
            }

            Late(failure, orderId, step);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A reply for {Step} of order {OrderId} came after its end")]
    private partial void Late(Exception failure, string orderId, SagaStep step);
}
