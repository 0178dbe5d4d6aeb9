using Eventide.Brokers.Servers;

namespace Eventide.Benchmarks.Brokers;

/// <summary>A broker that can be measured: how it is started, its component, and its own client.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="ComponentType">Such as pubsub.redis.</param>
/// <param name="Server">Over a folder; null when the broker lives in its client's process.</param>
/// <param name="Settings">Of the component, for a server's address.</param>
/// <param name="Connect">The broker's own client, for an address and a topic.</param>
/// <param name="Missing">A sentence when its server is not installed.</param>
/// <param name="LargestRound">More messages are not published before the earlier ones have been handled.</param>
internal sealed record MeasuredBroker(
    string Name, string ComponentType, Func<string, ILocalServer>? Server, Func<string, IReadOnlyList<(string Name, string Value)>> Settings,
    Func<string, string, Task<IDirectClient>> Connect, Func<string?>? Missing = null, int LargestRound = int.MaxValue)
{
    /// <summary>So many publishes at a time, on both sides.</summary>
    public const int Publishers = 64;

    /// <summary>So many messages are handled at a time, on both sides, where the broker has that choice.</summary>
    public const int Handlers = 32;

    // Kafka 0.9 does not say what it speaks; the client has to be told, and warns that one day it will not listen any more.
    private static readonly IReadOnlyList<KeyValuePair<string, string>> Old =
    [
        KeyValuePair.Create("api.version.request", "false"), KeyValuePair.Create("broker.version.fallback", "0.9.0.1"), KeyValuePair.Create("log_level", "2"),
    ];

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<MeasuredBroker> All =
    [
        new("embedded", "pubsub.sqlite", null, _ => [("connectionString", "pubsub.db"), ("concurrency", $"{Handlers}")], SqliteDirectClient.ConnectAsync),
        new(
            "redis", "pubsub.redis", folder => new RedisServer(folder),
            address => [("redisHost", address), ("concurrency", $"{Handlers}"), ("queueDepth", $"{Handlers * 2}")],
            RedisDirectClient.ConnectAsync, () => RedisServer.IsInstalled ? null : NotInstalled("redis-server")),
        new(
            "rabbitmq", "pubsub.rabbitmq", folder => new RabbitMqServer(folder),
            address =>
            [
                ("connectionString", address), ("durable", "true"), ("deletedWhenUnused", "false"), ("deliveryMode", "2"), ("publisherConfirm", "true"),
                ("requeueInFailure", "true"), ("prefetchCount", $"{Handlers * 2}"),
            ],
            RabbitMqDirectClient.ConnectAsync, () => RabbitMqServer.IsInstalled ? null : NotInstalled("rabbitmq-server")),
        new(
            "kafka", "pubsub.kafka", folder => new KafkaServer(folder),
            address => [("brokers", address), ("authType", "none"), ("version", "0.9.0.1"), ("initialOffset", "oldest"), ("writeTimeout", "10s")],
            (address, topic) => KafkaDirectClient.ConnectAsync(
                [KeyValuePair.Create("bootstrap.servers", address), .. Old], topic),
            () => KafkaInstallation.IsThere ? null : NotInstalled("Kafka 0.9")),
        new(
            "kafka-mock", "pubsub.kafka", _ => new MockKafka { GroupDelay = TimeSpan.Zero },
            address => [("brokers", address), ("authType", "none"), ("initialOffset", "oldest"), ("writeTimeout", "10s")],
            (address, topic) => KafkaDirectClient.ConnectAsync([KeyValuePair.Create("bootstrap.servers", address)], topic),
            // It keeps 5 MiB of each of its four partitions and forgets what is older, read or not.
            LargestRound: 12_000),
    ];

    private static string NotInstalled(string package) => $"{package} is not installed; `make brokers` installs it";
}
