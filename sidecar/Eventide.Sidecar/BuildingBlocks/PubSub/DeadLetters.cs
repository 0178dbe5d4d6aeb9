using Eventide.Sidecar.Components.PubSub;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>Where a message goes that the app does not take. Thread-safe.</summary>
internal sealed partial class DeadLetters(ILogger<DeadLetters> log)
{
    /// <summary>
    /// Publishes the message as it is to the subscription's dead-letter topic; without one it is logged and gone. Completes when the broker has it, so that
    /// the caller acknowledges afterwards: a crash in between leads to a second dead letter, never to none. Throws <see cref="DeadLetterException"/> when the
    /// broker did not take it.
    /// </summary>
    public async Task SendAsync(TopicSubscription subscription, IPubSub broker, PubSubMessage message, string reason, CancellationToken cancellationToken)
    {
        if (subscription.DeadLetterTopic is not { } topic)
        {
            Dropped(subscription.Topic, reason);
            return;
        }

        try
        {
            await broker.PublishAsync(message with { Topic = topic }, cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeadLetterException(topic, failure);
        }

        Sent(subscription.Topic, topic, reason);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message of {Topic} went to the dead-letter topic {DeadLetterTopic}: {Reason}")]
    private partial void Sent(string topic, string deadLetterTopic, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message of {Topic} was dropped, there is no dead-letter topic: {Reason}")]
    private partial void Dropped(string topic, string reason);
}
