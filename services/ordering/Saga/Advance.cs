using Dapr.Workflow;
using Eventide.Ordering.Domain;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Ordering.Saga;

/// <summary>
/// Decides a fork: writes the proposed verdict if there is none, states the verdict that stands, asks for what is awaited since, and tells where the saga is now.
/// One activity for all of it halves the turns of an order. Each part may be done twice, and a run that comes late finds a later document and repeats what that
/// one says.
/// </summary>
internal sealed class Advance(Orders orders, SagaMessenger messenger) : WorkflowActivity<Proposal, SagaPosition>
{
    public override async Task<SagaPosition> RunAsync(WorkflowActivityContext context, Proposal input)
    {
        MessageInHand.EventId = input.Reply.CausedBy;
        var order = await orders.ChangeAsync(
            input.OrderId, current => current.Decide(input.Step, input.Reply.Result, input.Reply.Reason), CancellationToken.None);
        await Task.WhenAll(
            [messenger.StateAsync(order, input.Step), .. order.OpenedBy(input.Step).Select(step => messenger.AskAsync(order, step))]);
        return SagaPosition.Of(order);
    }
}
