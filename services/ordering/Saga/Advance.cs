using Dapr.Workflow;
using Eventide.Contracts;
using Eventide.Ordering.Domain;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Ordering.Saga;

/// <summary>Decides a fork: writes the proposed verdict if there is none, publishes the event of the verdict that stands, and returns that.</summary>
internal sealed class Advance(Orders orders, EventPublisher publisher) : WorkflowActivity<Proposal, string>
{
    public override async Task<string> RunAsync(WorkflowActivityContext context, Proposal input)
    {
        var order = await orders.ChangeAsync(input.OrderId, current => current.Decide(input.Step, input.Verdict), CancellationToken.None);
        switch (order.State)
        {
            case OrderState.Confirmed:
                await publisher.PublishAsync(new OrderConfirmed(order.Id, order.CustomerId, order.Version), CancellationToken.None);
                break;
            case OrderState.Cancelled:
                await publisher.PublishAsync(new OrderCancelled(order.Id, order.CustomerId, order.Reason ?? "cancelled", order.Version), CancellationToken.None);
                break;
        }

        return order.Verdicts.GetValueOrDefault(input.Step) ?? order.State.ToString();
    }
}
