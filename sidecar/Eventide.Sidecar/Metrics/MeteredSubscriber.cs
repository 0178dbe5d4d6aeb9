using Eventide.Sidecar.BuildingBlocks.PubSub;

namespace Eventide.Sidecar.Metrics;

/// <summary>Counts and times every attempt to bring messages to the app.</summary>
internal sealed class MeteredSubscriber(ISubscriber inner, SidecarMetrics metrics) : ISubscriber
{
    /// <inheritdoc/>
    public async Task<DeliveryResult> DeliverAsync(TopicSubscription subscription, Route route, IncomingEvent message, CancellationToken cancellationToken)
    {
        var (begin, status) = (metrics.Now(), "retry");
        try
        {
            var result = await inner.DeliverAsync(subscription, route, message, cancellationToken);
            status = result == DeliveryResult.Dropped ? "drop" : "success";
            return result;
        }
        finally
        {
            metrics.Delivered(subscription.PubSub, subscription.Topic, status, begin);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BulkStatus>> DeliverManyAsync(
        TopicSubscription subscription, string path, IReadOnlyList<(string EntryId, IncomingEvent Message)> messages, CancellationToken cancellationToken)
    {
        var begin = metrics.Now();
        IReadOnlyList<BulkStatus> answers = [];
        try
        {
            return answers = await inner.DeliverManyAsync(subscription, path, messages, cancellationToken);
        }
        finally
        {
            for (var i = 0; i < messages.Count; i++)
            {
                var status = i < answers.Count ? answers[i] : BulkStatus.Retry;
                metrics.Delivered(subscription.PubSub, subscription.Topic, status.ToString().ToLowerInvariant(), begin);
            }
        }
    }
}
