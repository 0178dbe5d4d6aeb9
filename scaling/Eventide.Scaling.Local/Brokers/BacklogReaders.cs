using Eventide.Contracts;
using Eventide.Tools;
using Eventide.Tools.Shops;

namespace Eventide.Scaling.Local.Brokers;

/// <summary>Finds out which broker a shop uses.</summary>
internal static class BacklogReaders
{
    /// <summary>The reader for the shop's broker.</summary>
    /// <param name="state">Asked before each reading of the embedded broker, whose sidecars may come and go.</param>
    /// <exception cref="ToolException">Its kind of broker cannot be asked.</exception>
    public static IBacklogReader Create(BrokerComponent broker, Func<RunState?> state) => broker.Type switch
    {
        "pubsub.sqlite" => new EmbeddedBacklog(state),
        "pubsub.redis" => new RedisBacklog(broker),
        "pubsub.rabbitmq" => new RabbitMqBacklog(broker),
        "pubsub.kafka" => new KafkaBacklog(broker),
        var type => throw new ToolException($"{broker.File} has a broker of type {type}, which cannot be asked for backlogs; use embedded, redis, rabbitmq or kafka."),
    };

    /// <summary>The committed render of the chart whose triggers fit the broker; the embedded broker tells what Redis tells.</summary>
    public static string ChartFor(BrokerComponent broker)
    {
        var name = broker.Type switch { "pubsub.rabbitmq" => "rabbitmq", "pubsub.kafka" => "kafka", _ => "redis" };
        return Path.Combine(Repository.Root, $"tests/charts/Eventide.Charts.Tests/Golden/production-{name}-keda.yaml");
    }

    /// <summary>The name of the pub/sub component that carries the shop's topics.</summary>
    public const string Component = Topics.PubSub;
}
