using Confluent.Kafka;

namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>Kafka does not have a message; the sentence says why and what helps.</summary>
internal sealed class KafkaPublishException : Exception
{
    public KafkaPublishException(string message) : base(message)
    {
    }

    public KafkaPublishException(KafkaSettings settings, PubSubMessage message, Error error) : base(Describe(settings, message, error), new KafkaException(error))
    {
    }

    private static string Describe(KafkaSettings settings, PubSubMessage message, Error error) => error.Code switch
    {
        ErrorCode.MsgSizeTooLarge when message.Data.Length + 1000 > settings.MaxMessageBytes =>
            $"the message has {message.Data.Length} bytes, more than maxMessageBytes of component {settings.Component} allows ({settings.MaxMessageBytes})",
        ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge =>
            $"the message has {message.Data.Length} bytes, more than the broker takes (its setting message.max.bytes, or max.message.bytes of topic {message.Topic})",
        ErrorCode.Local_MsgTimedOut =>
            $"Kafka at {settings.Brokers} did not confirm the message within {settings.WriteTimeout.TotalSeconds} s (writeTimeout of component {settings.Component})",
        ErrorCode.Local_UnknownTopic or ErrorCode.UnknownTopicOrPart =>
            $"topic {message.Topic} does not exist and the broker does not create it (auto.create.topics.enable is off): create it",
        ErrorCode.Local_UnknownPartition => $"topic {message.Topic} has no partition {message.Metadata.GetValueOrDefault("partitionNumber")}",
        ErrorCode.TopicException => $"\"{message.Topic}\" is no name for a Kafka topic: letters, digits, dot, underscore and hyphen, at most 249 of them",
        ErrorCode.TopicAuthorizationFailed => $"the user of component {settings.Component} may not write to topic {message.Topic}",
        _ => $"Kafka at {settings.Brokers} refused the message: {error.Reason}",
    };
}
