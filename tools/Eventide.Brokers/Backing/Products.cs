using Eventide.Brokers.Servers;

namespace Eventide.Brokers.Backing;

/// <summary>The servers that the folders of <c>components/brokers</c> and <c>components/stores</c> need.</summary>
internal static class Products
{
    /// <summary>By the folder of components. What is not here needs no server of this machine.</summary>
    public static IReadOnlyDictionary<string, Product> All { get; } = new Dictionary<string, Product>(StringComparer.Ordinal)
    {
        ["redis"] = new Product(
            "Redis", "REDIS_HOST", 6379, "redis-server",
            new Dictionary<string, string> { ["pubsub.redis"] = "redisHost", ["state.redis"] = "redisHost" },
            [new LocalProduct(() => RedisServer.IsInstalled, folder => new RedisServer(folder))]),
        ["rabbitmq"] = new Product(
            "RabbitMQ", "RABBITMQ_URL", 5672, "rabbitmq-server", new Dictionary<string, string> { ["pubsub.rabbitmq"] = "connectionString" },
            [new LocalProduct(() => RabbitMqServer.IsInstalled, folder => new RabbitMqServer(folder))]),
        ["kafka"] = new Product(
            "Kafka", "KAFKA_BROKERS", 9092, "a Java runtime with Kafka 0.9", new Dictionary<string, string> { ["pubsub.kafka"] = "brokers" },
            [
                new LocalProduct(() => KafkaInstallation.IsThere, folder => new KafkaServer(folder)),
                new LocalProduct(() => true, _ => new MockKafka(), "it keeps messages in memory only, and the last 5 MB of each partition: `make brokers` installs a real one"),
            ]),
        ["postgresql"] = new Product(
            "PostgreSQL", "POSTGRES_URL", 5432, "postgresql", new Dictionary<string, string> { ["state.postgresql"] = "connectionString" },
            [new LocalProduct(() => PostgreSqlServer.IsInstalled, folder => new PostgreSqlServer(folder))]),
    };
}
