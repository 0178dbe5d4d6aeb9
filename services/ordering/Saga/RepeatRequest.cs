using Dapr.Workflow;
using Eventide.Ordering.Domain;

namespace Eventide.Ordering.Saga;

/// <summary>
/// Asks for a step again that nobody answered. Null when it was asked; otherwise there is nothing left to wait for, and this is the answer: the step was decided,
/// or the customer cancelled and the event that says so was lost.
/// </summary>
internal sealed class RepeatRequest(Orders orders, SagaMessenger messenger) : WorkflowActivity<StepRequest, StepReply?>
{
    public override async Task<StepReply?> RunAsync(WorkflowActivityContext context, StepRequest input)
    {
        var order = await orders.GetAsync(input.OrderId, CancellationToken.None);
        if (!order.Awaited.Contains(input.Step) || (order.CancelRequested && input.Step < SagaStep.Sale))
        {
            return new StepReply(StepResult.Abandoned, Order.CancelledByCustomer);
        }

        await messenger.AskAsync(order, input.Step);
        return null;
    }
}
