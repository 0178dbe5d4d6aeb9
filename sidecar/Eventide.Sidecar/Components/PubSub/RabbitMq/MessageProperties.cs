using System.Globalization;
using System.Text;
using RabbitMQ.Client;

namespace Eventide.Sidecar.Components.PubSub.RabbitMq;

/// <summary>
/// Between metadata and the properties of a message, as Dapr translates them (Dapr: common/component/rabbitmq, pubsub/rabbitmq/rabbitmq.go): only what has a property in
/// AMQP travels. Thread-safe.
/// </summary>
internal static class MessageProperties
{
    /// <summary>AMQP writes the length of names and of most properties in one byte.</summary>
    private const int LongestShort = 255;

    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    /// <summary>What the exchange gets to choose queues by; a fanout exchange does not look at it.</summary>
    /// <exception cref="RabbitMqException">It, or the topic, is longer than a name can be.</exception>
    public static string RoutingKeyOf(PubSubMessage message)
    {
        _ = Short("topic", message.Topic);
        return Short("routingKey", message.Metadata.GetValueOrDefault("routingKey") ?? "");
    }

    /// <summary>The properties that a message is published with.</summary>
    /// <param name="ignored">Told topic, name and value of an entry that makes no sense; the message goes without it, as with Dapr.</param>
    /// <exception cref="RabbitMqException">A value is longer than AMQP allows.</exception>
    public static BasicProperties Of(RabbitMqSettings settings, PubSubMessage message, Action<string, string, string> ignored)
    {
        var properties = new BasicProperties { ContentType = "text/plain" };
        if (settings.DeliveryMode > 0)
        {
            properties.DeliveryMode = (DeliveryModes)settings.DeliveryMode;
        }

        var timeToLive = settings.TimeToLive;
        foreach (var (name, value) in message.Metadata)
        {
            if (value.Length == 0)
            {
                continue;
            }

            if (Is(name, "contentType"))
            {
                properties.ContentType = Short(name, value);
            }
            else if (Is(name, "messageID"))
            {
                properties.MessageId = Short(name, value);
            }
            else if (Is(name, "correlationID"))
            {
                properties.CorrelationId = Short(name, value);
            }
            else if (Is(name, "type"))
            {
                properties.Type = Short(name, value);
            }
            else if (Is(name, "ttlInSeconds") || Is(name, "ttl"))
            {
                if (GoDuration.TryParse(value, TimeSpan.FromSeconds(1), out var given) && given.TotalMilliseconds is > 0 and <= uint.MaxValue)
                {
                    timeToLive = given;
                }
                else
                {
                    ignored(message.Topic, name, value);
                }
            }
            else if (Is(name, "priority"))
            {
                if (int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority))
                {
                    properties.Priority = (byte)Math.Clamp(priority, 0, byte.MaxValue);
                }
                else
                {
                    ignored(message.Topic, name, value);
                }
            }
        }

        if (timeToLive is { } lives)
        {
            properties.Expiration = ((long)lives.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        }

        return properties;
    }

    /// <summary>What the app gets of a message's properties: nothing unless publishMessagePropertiesToMetadata asks for it.</summary>
    public static IReadOnlyDictionary<string, string> ToMetadata(RabbitMqSettings settings, IReadOnlyBasicProperties properties)
    {
        if (!settings.PropertiesToMetadata)
        {
            return None;
        }

        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                metadata["metadata." + name] = value;
            }
        }

        Add("messageid", properties.MessageId);
        Add("correlationid", properties.CorrelationId);
        Add("type", properties.Type);
        Add("contenttype", properties.ContentType);
        foreach (var (name, value) in properties.Headers ?? new Dictionary<string, object?>())
        {
            Add(name, value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture));
        }

        return metadata;
    }

    private static bool Is(string name, string known) => string.Equals(name, known, StringComparison.OrdinalIgnoreCase);

    private static string Short(string name, string value) =>
        value.Length <= LongestShort / 4 || Encoding.UTF8.GetByteCount(value) <= LongestShort ? value : throw RabbitMqException.TooLong(name, LongestShort);
}
