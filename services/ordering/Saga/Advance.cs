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
        var verdict = order.Verdicts.GetValueOrDefault(input.Step);
        await (verdict switch
        {
            // The order ended before this step was decided: a late activity of an earlier run.
            null => Task.CompletedTask,
            _ when input.Step != SagaStep.End => publisher.PublishAsync(
                new OrderProgressed(order.Id, order.CustomerId, input.Step.ToString(), verdict.Outcome, verdict.Version), CancellationToken.None),
            { IsDone: true } => publisher.PublishAsync(new OrderConfirmed(order.Id, order.CustomerId, verdict.Version), CancellationToken.None),
            _ => publisher.PublishAsync(new OrderCancelled(order.Id, order.CustomerId, order.Reason ?? "cancelled", verdict.Version), CancellationToken.None),
        });
        return verdict?.Outcome ?? order.State.ToString();
    }
}
