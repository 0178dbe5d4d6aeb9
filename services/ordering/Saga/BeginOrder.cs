using Dapr.Workflow;
using Eventide.Ordering.Domain;
using Microsoft.Extensions.Options;

namespace Eventide.Ordering.Saga;

/// <summary>
/// Moves the order to Started, asks for what is awaited, and tells where the saga is. A workflow id can run again after it ended or was purged, so the document
/// decides whether there is anything left to do; what an earlier run may not have said any more is said again.
/// </summary>
internal sealed partial class BeginOrder(Orders orders, SagaMessenger messenger, IOptions<SagaOptions> options, ILogger<BeginOrder> log)
    : WorkflowActivity<string, SagaStart>
{
    public override async Task<SagaStart> RunAsync(WorkflowActivityContext context, string input)
    {
        if (await orders.FindAsync(input, CancellationToken.None) is null)
        {
            NoOrder(input);
            return new SagaStart(new SagaPosition("Unknown", 0, []), TimeSpan.Zero, 0);
        }

        var order = await orders.ChangeAsync(input, current => current.Begin(), CancellationToken.None);
        foreach (var step in order.Verdicts.Keys.Where(step => step != SagaStep.End))
        {
            await messenger.StateAsync(order, step);
        }

        foreach (var step in order.Awaited)
        {
            await messenger.AskAsync(order, step);
        }

        return new SagaStart(SagaPosition.Of(order), options.Value.RepeatAfter, options.Value.Rounds);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Somebody scheduled a saga for {OrderId}, but there is no such order; it ends")]
    private partial void NoOrder(string orderId);
}
