using Dapr.Workflow;

namespace Eventide.Ordering.Saga;

/// <summary>
/// Fulfils one order: stock, payment, shipment, sale; whatever is refused, times out or is cancelled undoes every step before it. The workflow only waits and
/// proposes; what is decided, and what comes next, stands in the order document. So after any crash, repetition or fresh start the saga finds its way by it.
/// </summary>
internal sealed class OrderSaga : Workflow<string, string>
{
    public override Task<string> RunAsync(WorkflowContext context, string orderId) => new SagaRun(context, orderId).RunAsync();
}
