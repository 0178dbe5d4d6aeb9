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
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    /// <summary>The properties that a message is published with.</summary>
    /// <param name="ignored">Told the name of an entry whose value makes no sense; the message goes without it, as with Dapr.</param>
    public static BasicProperties Of(RabbitMqSettings settings, IReadOnlyDictionary<string, string> metadata, Action<string, string> ignored)
    {
        var properties = new BasicProperties { ContentType = "text/plain" };
        if (settings.DeliveryMode > 0)
        {
            properties.DeliveryMode = (DeliveryModes)settings.DeliveryMode;
        }

        var timeToLive = settings.TimeToLive;
        foreach (var (name, value) in metadata)
        {
            if (value.Length == 0)
            {
                continue;
            }

            switch (name.ToLowerInvariant())
            {
                case "contenttype":
                    properties.ContentType = value;
                    break;
                case "messageid":
                    properties.MessageId = value;
                    break;
                case "correlationid":
                    properties.CorrelationId = value;
                    break;
                case "type":
                    properties.Type = value;
                    break;
                case "ttl" or "ttlinseconds" when GoDuration.TryParse(value, TimeSpan.FromSeconds(1), out var given) && given.TotalMilliseconds is > 0 and <= uint.MaxValue:
                    timeToLive = given;
                    break;
                case "priority" when int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority):
                    properties.Priority = (byte)Math.Clamp(priority, 0, byte.MaxValue);
                    break;
                case "ttl" or "ttlinseconds" or "priority":
                    ignored(name, value);
                    break;
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
}
