using Eventide.Contracts;
using Eventide.Ordering.Domain;
using Eventide.ServiceDefaults.Messaging;
using Microsoft.Extensions.Options;

namespace Eventide.Ordering.Saga;

/// <summary>Publishes what follows from an order document: a fact per verdict, a request per awaited step, always under the same event ids. Thread-safe.</summary>
internal sealed class SagaMessenger(IEventPublisher publisher, IOptions<SagaOptions> options)
{
    /// <summary>States the verdict of a step, and the end of the order if that is reached. Nothing when the step is not decided.</summary>
    public async Task StateAsync(Order order, SagaStep step)
    {
        if (order.Verdicts.GetValueOrDefault(step) is not { } verdict)
        {
            return;
        }

        await publisher.PublishAsync(
            new OrderProgressed(order.Id, order.CustomerId, step.ToString(), verdict.Outcome, verdict.Version), CancellationToken.None);
        await (order switch
        {
            { State: OrderState.Confirmed } => publisher.PublishAsync(new OrderConfirmed(order.Id, order.CustomerId, order.Version), CancellationToken.None),
            { State: OrderState.Cancelled } => publisher.PublishAsync(
                new OrderCancelled(order.Id, order.CustomerId, order.Reason ?? "cancelled", order.Version), CancellationToken.None),
            _ => Task.CompletedTask,
        });
    }

    /// <summary>Asks the participant of an awaited step.</summary>
    public Task AskAsync(Order order, SagaStep step)
    {
        var notAfter = order.CreatedAt + options.Value.RequestLifetime;
        return step switch
        {
            SagaStep.Stock => publisher.PublishAsync(
                new OrderCreated(order.Id, order.CustomerId, order.Lines, order.Total, Order.FirstVersion, notAfter), CancellationToken.None),
            SagaStep.Payment => publisher.PublishAsync(new PaymentRequested(order.Id, order.Total, order.PaymentToken, notAfter), CancellationToken.None),
            SagaStep.Shipment => publisher.PublishAsync(new ShipmentRequested(order.Id, order.Country, notAfter), CancellationToken.None),
            SagaStep.Sale => publisher.PublishAsync(new StockSaleRequested(order.Id), CancellationToken.None),
            SagaStep.ShipmentUndo => publisher.PublishAsync(new ShipmentCancelRequested(order.Id), CancellationToken.None),
            SagaStep.PaymentUndo => publisher.PublishAsync(new RefundRequested(order.Id), CancellationToken.None),
            SagaStep.StockUndo => publisher.PublishAsync(new StockReleaseRequested(order.Id, order.Lines), CancellationToken.None),
            _ => throw new ArgumentOutOfRangeException(nameof(step), step, "The end is not asked for."),
        };
    }
}
