using Dapr.Workflow;
using Eventide.Contracts;
using Eventide.Ordering.Domain;
using Eventide.ServiceDefaults.Messaging;
using Microsoft.Extensions.Options;

namespace Eventide.Ordering.Saga;

/// <summary>Publishes the request of a step, always with the same event id. When the step is decided already, it publishes nothing.</summary>
internal sealed class SendRequest(Orders orders, EventPublisher publisher, IOptions<SagaOptions> options) : WorkflowActivity<StepRequest, bool>
{
    public override async Task<bool> RunAsync(WorkflowActivityContext context, StepRequest input)
    {
        var order = await orders.FindAsync(input.OrderId, CancellationToken.None) ?? throw new InvalidOperationException($"There is no order {input.OrderId}.");
        if (order.Verdicts.ContainsKey(input.Step))
        {
            return false;
        }

        var notAfter = order.CreatedAt + options.Value.RequestLifetime;
        await (input.Step switch
        {
            SagaStep.Stock => publisher.PublishAsync(
                new OrderCreated(order.Id, order.CustomerId, order.Lines, order.Total, order.Version, notAfter), CancellationToken.None),
            SagaStep.Payment => publisher.PublishAsync(new PaymentRequested(order.Id, order.Total, order.PaymentToken, notAfter), CancellationToken.None),
            SagaStep.Shipment => publisher.PublishAsync(new ShipmentRequested(order.Id, order.Country, notAfter), CancellationToken.None),
            SagaStep.Sale => publisher.PublishAsync(new StockSaleRequested(order.Id), CancellationToken.None),
            SagaStep.ShipmentUndo => publisher.PublishAsync(new ShipmentCancelRequested(order.Id), CancellationToken.None),
            SagaStep.PaymentUndo => publisher.PublishAsync(new RefundRequested(order.Id), CancellationToken.None),
            SagaStep.StockUndo => publisher.PublishAsync(new StockReleaseRequested(order.Id, order.Lines), CancellationToken.None),
            _ => throw new InvalidOperationException($"Step {input.Step} has no request."),
        });
        return true;
    }
}
