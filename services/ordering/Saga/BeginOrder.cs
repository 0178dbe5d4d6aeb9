using Dapr.Workflow;
using Eventide.Ordering.Domain;
using Microsoft.Extensions.Options;

namespace Eventide.Ordering.Saga;

/// <summary>Moves the order to Started and reads how far it has come. A workflow id can run again after it ended, hence the look at the document.</summary>
internal sealed class BeginOrder(Orders orders, IOptions<SagaOptions> options) : WorkflowActivity<string, SagaProgress>
{
    public override async Task<SagaProgress> RunAsync(WorkflowActivityContext context, string input)
    {
        var order = await orders.ChangeAsync(input, current => current.Begin(), CancellationToken.None);
        var (timeout, repeat) = (options.Value.StepTimeout, options.Value.RepeatAfter);
        return new SagaProgress(
            order.Id, order.State.ToString(), order.IsTerminal, order.Verdicts.ToDictionary(verdict => verdict.Key, verdict => verdict.Value.Outcome),
            Math.Max(1, (int)Math.Ceiling(timeout / repeat)), repeat);
    }
}
