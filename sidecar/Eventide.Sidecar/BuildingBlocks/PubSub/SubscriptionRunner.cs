using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Metrics;
using Eventide.Sidecar.Resiliency;
using Eventide.Sidecar.Resources;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>Connects a subscription of the app with the broker. Thread-safe.</summary>
internal sealed partial class SubscriptionRunner(
    PubSubComponents components, TopicDelivery delivery, DeadLetters deadLetters, IResiliencyPolicies policies, SidecarOptions options, SidecarMetrics metrics,
    TimeProvider time, ILogger<SubscriptionRunner> log)
{
    /// <summary>
    /// Starts delivery until the result is disposed, which finishes what is in hand. Null when the app may not have the subscription or there is no such
    /// component; the log says which.
    /// </summary>
    public async Task<IAsyncDisposable?> StartAsync(
        TopicSubscription subscription, ISubscriber subscriber, CancellationToken abandoned, CancellationToken cancellationToken)
    {
        if (components.Find(subscription.PubSub) is not { } component)
        {
            UnknownPubSub(subscription.Topic, subscription.PubSub);
            return null;
        }

        if (!component.Scopes.MaySubscribe(subscription.Topic))
        {
            Denied(subscription.Topic, options.AppId);
            return null;
        }

        if (metrics.IsEnabled)
        {
            subscriber = new MeteredSubscriber(subscriber, metrics);
        }

        if (subscription.Bulk is { Enabled: true } settings)
        {
            return await StartBulkAsync(subscription, settings, component, subscriber, abandoned, cancellationToken);
        }

        return await component.Broker.SubscribeAsync(
            new SubscribeRequest(subscription.Topic, component.ConsumerId, subscription.Metadata),
            (message, stopping) => delivery.DeliverAsync(subscription, component.Broker, subscriber, message, stopping, abandoned),
            cancellationToken);
    }

    private async Task<IAsyncDisposable> StartBulkAsync(
        TopicSubscription subscription, BulkSettings settings, PubSubComponent component, ISubscriber subscriber, CancellationToken abandoned,
        CancellationToken cancellationToken)
    {
        var bulk = new BulkDelivery(subscription, settings, component.Broker, subscriber, policies, deadLetters, time, log, abandoned);

        var running = await component.Broker.SubscribeAsync(
            new SubscribeRequest(subscription.Topic, component.ConsumerId, subscription.Metadata, bulk.Parallelism),
            (message, _) => bulk.DeliverAsync(message),
            cancellationToken);
        return new RunningBulk(bulk, running);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Subscription to {Topic}: there is no pub/sub component {PubSub} for this app")]
    private partial void UnknownPubSub(string topic, string pubSub);

    [LoggerMessage(Level = LogLevel.Error, Message = "Subscription to {Topic} is not allowed for app id {AppId} by the component's scopes")]
    private partial void Denied(string topic, string appId);

    private sealed class RunningBulk(BulkDelivery bulk, IAsyncDisposable running) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await bulk.HurryAsync();
            await running.DisposeAsync();
            await bulk.DisposeAsync();
        }
    }
}
