using Cronos;
using Eventide.Scaling.Keda;
using YamlDotNet.RepresentationModel;

namespace Eventide.Scaling.Chart;

/// <summary>Reads the triggers of a ScaledObject as KEDA does (KEDA: pkg/scalers). One entry with two thresholds is two of its metrics here.</summary>
internal static class TriggerReader
{
    /// <exception cref="InvalidDataException">A trigger that the model does not know, or that lacks something.</exception>
    public static TriggerSpec Read(YamlNode trigger, int index)
    {
        var type = trigger.Required("type");
        var name = trigger.Text("name") ?? $"{type}-{index}";
        var metadata = trigger.At("metadata");
        return type switch
        {
            "redis-streams" => Redis(name, metadata),
            "rabbitmq" => RabbitMq(name, metadata),
            "kafka" => new KafkaLagTrigger(
                name, metadata.Number("lagThreshold") ?? 10, metadata.Text("allowIdleConsumers") == "true", metadata.Number("activationLagThreshold") ?? 0)
            {
                Topic = metadata.Required("topic"),
            },
            "cron" => new CronTrigger(
                name, CronExpression.Parse(metadata.Required("start")), CronExpression.Parse(metadata.Required("end")),
                TimeZoneInfo.FindSystemTimeZoneById(metadata.Required("timezone")), metadata.Number("desiredReplicas") ?? throw new InvalidDataException($"{name} has no desiredReplicas.")),
            "cpu" => new CpuTrigger(
                name, metadata.Number("value") ?? throw new InvalidDataException($"{name} has no value."), metadata.Text("containerName") is not null),
            _ => throw new InvalidDataException($"The model does not know triggers of type {type}; it knows redis-streams, rabbitmq, kafka, cron and cpu."),
        };
    }

    private static TriggerSpec Redis(string name, YamlNode? metadata)
    {
        var topic = metadata.Required("stream");
        if (metadata.Number("lagCount") is { } lag)
        {
            return new RedisLagTrigger(name, lag, metadata.Number("activationLagCount") ?? 0) { Topic = topic };
        }

        return metadata.Number("pendingEntriesCount") is { } pending
            ? new RedisPendingTrigger(name, pending) { Topic = topic }
            : throw new InvalidDataException($"{name} has neither lagCount nor pendingEntriesCount: it would count the whole stream, which Dapr never shortens.");
    }

    private static RabbitMqQueueTrigger RabbitMq(string name, YamlNode? metadata)
    {
        if (metadata.Text("mode") is { } mode and not "QueueLength")
        {
            throw new InvalidDataException($"The model knows rabbitmq triggers in mode QueueLength only; {name} has {mode}.");
        }

        // Dapr names a queue after app and topic; neither of the two has a dash of its own before the topic's first, except in the topic.
        var queue = metadata.Required("queueName");
        return new RabbitMqQueueTrigger(
            name, metadata.Number("value") ?? 20, metadata.Text("protocol") == "http" && metadata.Text("excludeUnacknowledged") != "true",
            metadata.Number("activationValue") ?? 0)
        {
            Topic = queue[(queue.IndexOf('-') + 1)..],
        };
    }
}
