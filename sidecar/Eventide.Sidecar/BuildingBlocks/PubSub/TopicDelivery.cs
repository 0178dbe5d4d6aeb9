using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Resiliency;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>
/// Brings one message to the app: routing, the inbound policy, SUCCESS / RETRY / DROP, and the dead-letter topic (Dapr: pkg/runtime/subscription).
/// Returning acknowledges; throwing leaves redelivery to the component. Thread-safe.
/// </summary>
internal sealed partial class TopicDelivery(IResiliencyPolicies policies, DeadLetters deadLetters, TimeProvider time, ILogger<TopicDelivery> log)
{
    /// <summary>Delivers <paramref name="message"/> to the matching route.</summary>
    /// <param name="subscription">What the app said.</param>
    /// <param name="broker">Where dead letters go.</param>
    /// <param name="subscriber">The app.</param>
    /// <param name="message">As the broker gave it.</param>
    /// <param name="stopping">Ends the attempts; the one in hand is finished, and its failure is no reason for a dead letter.</param>
    /// <param name="abandoned">Cuts the attempt in hand.</param>
    public async Task DeliverAsync(
        TopicSubscription subscription, IPubSub broker, ISubscriber subscriber, PubSubMessage message, CancellationToken stopping, CancellationToken abandoned)
    {
        string? refusal;
        try
        {
            refusal = await TryAsync(subscription, subscriber, message, stopping, abandoned);
        }
        catch (Exception failure) when (subscription.DeadLetterTopic is not null && !stopping.IsCancellationRequested && !abandoned.IsCancellationRequested)
        {
            refusal = failure.Message;
        }
        catch (Exception failure)
        {
            Failed(failure, subscription.Topic);
            throw;
        }

        if (refusal is not null)
        {
            await deadLetters.SendAsync(subscription, broker, message, refusal, abandoned);
        }
    }

    /// <summary>Null when the app has taken the message, else why it never will.</summary>
    private async ValueTask<string?> TryAsync(
        TopicSubscription subscription, ISubscriber subscriber, PubSubMessage message, CancellationToken stopping, CancellationToken abandoned)
    {
        using var incoming = IncomingEvent.Read(subscription, message);
        if (incoming.IsExpired(time.GetUtcNow()))
        {
            return "its time to live is over";
        }

        if (incoming.Route(subscription) is not { } route)
        {
            return "no route matches";
        }

        var result = await policies.ForComponentInbound(subscription.PubSub, ComponentKind.Pubsub).ExecuteUntilAsync(
            static async (call, token) => await call.subscriber.DeliverAsync(call.subscription, call.route, call.incoming, token),
            (subscriber, subscription, route, incoming), stopping, abandoned);
        return result == DeliveryResult.Dropped ? "the app dropped it" : null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery of a message of {Topic} failed; the broker delivers it again")]
    private partial void Failed(Exception failure, string topic);
}
