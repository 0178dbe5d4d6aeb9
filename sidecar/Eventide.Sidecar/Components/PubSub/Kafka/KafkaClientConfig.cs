using Confluent.Kafka;

namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>The settings of a component as settings of the client, with what the guarantees need beside them.</summary>
internal static class KafkaClientConfig
{
    /// <summary>What handlers have done reaches the broker so much later; a crash in between delivers again.</summary>
    private const int CommitIntervalMs = 1000;

    /// <summary>How many producers share the work, each with its own connections.</summary>
    public static int Senders(KafkaSettings settings) => settings.HasIdempotence ? 1 : 8;

    /// <param name="settings">Of the component.</param>
    /// <param name="isIdempotent">The broker recognises repeated batches, so several may be on their way without changing places.</param>
    public static ProducerConfig Producer(KafkaSettings settings, bool isIdempotent)
    {
        var config = new ProducerConfig(Client(settings, settings.ClientId ?? "eventide"))
        {
            Acks = settings.RequiredAcks,
            EnableIdempotence = isIdempotent,
            // Without idempotence a batch that is sent again would overtake the next one.
            MaxInFlight = isIdempotent ? 5 : 1,
            MessageSendMaxRetries = settings.RetryMax ?? int.MaxValue,
            MessageTimeoutMs = Milliseconds(settings.WriteTimeout),
            RequestTimeoutMs = Math.Min(Milliseconds(settings.ReadTimeout), 30_000),
            // Whoever publishes waits for the answer. What comes while a request is under way makes the next batch by itself.
            LingerMs = 0,
            CompressionType = settings.Compression,
            DeliveryReportFields = "status",
        };

        // The same key goes to the same partition as with Dapr's own client.
        config.Set("partitioner", "fnv1a_random");
        return config;
    }

    /// <param name="settings">Of the component.</param>
    /// <param name="group">The consumer group.</param>
    /// <param name="appId">Whose consumer it is, for the broker's logs.</param>
    public static ConsumerConfig Consumer(KafkaSettings settings, string group, string appId) => new(Client(settings, settings.ClientId ?? appId))
    {
        GroupId = group,
        AutoOffsetReset = settings.InitialOffset,
        PartitionAssignmentStrategy = settings.Rebalance,
        HeartbeatIntervalMs = Milliseconds(settings.HeartbeatInterval),
        SessionTimeoutMs = Milliseconds(settings.SessionTimeout),
        EnableAutoCommit = true,
        AutoCommitIntervalMs = CommitIntervalMs,
        // Only what a handler has finished is marked.
        EnableAutoOffsetStore = false,
        AllowAutoCreateTopics = true,
        FetchMinBytes = settings.FetchMinBytes,
        MaxPartitionFetchBytes = settings.FetchDefaultBytes,
        // Ten sidecars in a process: what waits in the client is bounded well below its default of 64 MB each.
        QueuedMinMessages = 1000,
        QueuedMaxMessagesKbytes = Math.Max(16 * 1024, settings.FetchDefaultBytes / 512),
        // A partition that is resumed waits until the request under way has been answered, at most so long.
        FetchWaitMaxMs = 100,
        // The default of a second would be a second without messages each time the queue was full for a moment.
        FetchQueueBackoffMs = 20,
        FetchErrorBackoffMs = 100,
    };

    private static ClientConfig Client(KafkaSettings settings, string clientId)
    {
        var config = new ClientConfig(settings.Security.ToDictionary())
        {
            BootstrapServers = settings.Brokers,
            ClientId = clientId,
            MessageMaxBytes = settings.MaxMessageBytes,
            ReceiveMessageMaxBytes = Math.Max(100_000_000, settings.FetchDefaultBytes + 1_000_000),
            SocketTimeoutMs = Math.Clamp(Milliseconds(settings.ReadTimeout), 10, 300_000),
            SocketConnectionSetupTimeoutMs = Math.Max(1000, Milliseconds(settings.DialTimeout)),
            SocketNagleDisable = true,
            ConnectionsMaxIdleMs = Milliseconds(settings.KeepAliveInterval),
            // A broker that comes back is found again at once.
            ReconnectBackoffMaxMs = 1000,
            RetryBackoffMs = 100,
            RetryBackoffMaxMs = 1000,
            TopicMetadataRefreshIntervalMs = Math.Max(10, Milliseconds(settings.MetadataRefreshInterval)),
            MetadataMaxAgeMs = Math.Max(10, Milliseconds(settings.MetadataRefreshInterval) * 3),
            LogConnectionClose = false,
            EnableMetricsPush = false,
        };
        if (settings.IsBeforeVersionRequest)
        {
            config.ApiVersionRequest = false;
            config.BrokerVersionFallback = settings.Version.ToString();
        }

        return config;
    }

    private static int Milliseconds(TimeSpan duration) => (int)duration.TotalMilliseconds;
}
