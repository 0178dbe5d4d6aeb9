using Eventide.Contracts;
using Eventide.Operations.Domain;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Operations.Messages;

/// <summary>Keeps each event of an order once. What is new on a topic and belongs to no order is acknowledged unread.</summary>
internal sealed class RecordEvent(Timelines timelines, OrderList orders, LiveChanges changes, TimeProvider time) : ITopicObserver
{
    public async Task ObserveAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (TimelineEntry.Of(delivery, time.GetUtcNow()) is not { } entry)
        {
            return;
        }

        var isNew = await timelines.AddAsync(entry, cancellationToken);

        // The lists also when it is not new: the last attempt may have ended between the two writes.
        if (entry.Type == OrderCreated.Type)
        {
            var receivedAt = isNew ? entry.ReceivedAt : (await timelines.FindAsync(entry.OrderId, entry.Id, cancellationToken))?.ReceivedAt ?? entry.ReceivedAt;
            await orders.AddAsync(entry.OrderId, receivedAt, isNew || !await HasEndedAsync(entry.OrderId, cancellationToken), cancellationToken);
        }
        else if (OrderFlow.IsTerminal(entry.Type))
        {
            await orders.EndAsync(entry.OrderId, cancellationToken);
        }

        if (isNew)
        {
            changes.Publish(entry);
        }
    }

    private async Task<bool> HasEndedAsync(string orderId, CancellationToken cancellationToken)
    {
        await foreach (var order in timelines.FoldAsync([orderId], cancellationToken))
        {
            return order.State != OrderProgress.InProgress;
        }

        return false;
    }
}
