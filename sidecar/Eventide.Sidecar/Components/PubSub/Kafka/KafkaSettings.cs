using System.Text.RegularExpressions;
using Confluent.Kafka;

namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>The settings of pubsub.kafka under Dapr's names and with Dapr's defaults (Dapr: common/component/kafka/metadata.go).</summary>
/// <param name="Component">The component's name, for messages.</param>
/// <param name="Brokers">host:port, separated by commas.</param>
/// <param name="Version">The cluster's version; an old one is spoken to in its own protocol.</param>
/// <param name="ConsumerGroup">Null: the consumer id of the subscription.</param>
/// <param name="ClientId">Null: consumers call themselves by the app id.</param>
/// <param name="Security">Encryption and sign-in, as client settings.</param>
/// <param name="InitialOffset">Where a group begins that has never read the topic.</param>
/// <param name="Rebalance">How partitions are shared out.</param>
/// <param name="ConsumeRetryEnabled">False: a message whose handler fails is skipped.</param>
/// <param name="ConsumeRetryInterval">After the first failure of a handler; doubles up to 5 seconds.</param>
/// <param name="ChannelBufferSize">
/// Messages of one partition that wait in memory for their handler. More than Dapr's 256, because here fetching is paused when so many wait, and to go on
/// takes a moment.
/// </param>
/// <param name="MaxMessageBytes">The largest message that is published.</param>
/// <param name="WriteTimeout">How long a publish tries before it fails.</param>
/// <param name="RequiredAcks">Whose acknowledgement a publish waits for.</param>
/// <param name="RetryMax">Null: as often as fits into <paramref name="WriteTimeout"/>.</param>
/// <param name="Compression">Of what is published.</param>
/// <param name="ExcludeHeaders">Names that become no header, and headers that become no metadata.</param>
/// <param name="EscapeHeaders">Received values are escaped as in a URL.</param>
internal sealed record KafkaSettings(
    string Component,
    string Brokers,
    Version Version,
    string? ConsumerGroup,
    string? ClientId,
    IReadOnlyDictionary<string, string> Security,
    AutoOffsetReset InitialOffset,
    PartitionAssignmentStrategy Rebalance,
    bool ConsumeRetryEnabled,
    TimeSpan ConsumeRetryInterval,
    TimeSpan HeartbeatInterval,
    TimeSpan SessionTimeout,
    int FetchMinBytes,
    int FetchDefaultBytes,
    int ChannelBufferSize,
    int MaxMessageBytes,
    TimeSpan DialTimeout,
    TimeSpan ReadTimeout,
    TimeSpan WriteTimeout,
    TimeSpan MetadataRefreshInterval,
    TimeSpan KeepAliveInterval,
    Acks RequiredAcks,
    int? RetryMax,
    CompressionType Compression,
    Regex? ExcludeHeaders,
    bool EscapeHeaders)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    /// <summary>Brokers of this age do not say which requests they know, and have neither record headers nor idempotent producers.</summary>
    public bool IsBeforeVersionRequest => Version < new Version(0, 10);

    /// <summary>Whether the broker recognises what a producer sends twice.</summary>
    public bool HasIdempotence => Version >= new Version(0, 11) && RequiredAcks == Acks.All && RetryMax != 0;

    /// <summary>Reads the settings; throws <see cref="Hosting.SidecarStartException"/> for a wrong one.</summary>
    public static KafkaSettings Read(ComponentDefinition definition)
    {
        var metadata = definition.Metadata;
        RefuseSchemas(metadata);
        var settings = new KafkaSettings(
            Component: definition.Name,
            Brokers: metadata.Required("brokers"),
            Version: ReadVersion(metadata),
            ConsumerGroup: metadata.Text("consumerGroup"),
            ClientId: metadata.Text("clientID"),
            Security: KafkaSecurity.Read(metadata),
            InitialOffset: metadata.OneOf("initialOffset", "newest", "newest", "oldest") == "oldest" ? AutoOffsetReset.Earliest : AutoOffsetReset.Latest,
            Rebalance: metadata.OneOf("consumerGroupRebalanceStrategy", "range", "range", "sticky", "roundrobin") switch
            {
                "sticky" => PartitionAssignmentStrategy.CooperativeSticky,
                "roundrobin" => PartitionAssignmentStrategy.RoundRobin,
                _ => PartitionAssignmentStrategy.Range,
            },
            ConsumeRetryEnabled: metadata.Flag("consumeRetryEnabled", true),
            ConsumeRetryInterval: Positive(metadata, "consumeRetryInterval", TimeSpan.FromMilliseconds(100), Millisecond),
            HeartbeatInterval: Positive(metadata, "heartbeatInterval", TimeSpan.FromSeconds(3)),
            SessionTimeout: Positive(metadata, "sessionTimeout", TimeSpan.FromSeconds(10)),
            FetchMinBytes: metadata.Number("consumerFetchMin", 1, 1, 100_000_000),
            FetchDefaultBytes: metadata.Number("consumerFetchDefault", 1024 * 1024, 1, 1_000_000_000),
            ChannelBufferSize: metadata.Number("channelBufferSize", 2048, 1, 100_000),
            MaxMessageBytes: metadata.Number("maxMessageBytes", 1024 * 1024, 1000, 1_000_000_000),
            DialTimeout: Positive(metadata, "dialTimeout", TimeSpan.FromSeconds(30)),
            ReadTimeout: Positive(metadata, "readTimeout", TimeSpan.FromSeconds(30)),
            WriteTimeout: Positive(metadata, "writeTimeout", TimeSpan.FromSeconds(30)),
            MetadataRefreshInterval: Positive(metadata, "clientConnectionTopicMetadataRefreshInterval", TimeSpan.FromMinutes(8)),
            KeepAliveInterval: metadata.Duration("clientConnectionKeepAliveInterval", TimeSpan.Zero, Second),
            RequiredAcks: metadata.OneOf("producerRequiredAcks", "all", "all", "local", "none") switch
            {
                "none" => Acks.None,
                "local" => Acks.Leader,
                _ => Acks.All,
            },
            RetryMax: metadata.Text("producerRetryMax") is null ? null : metadata.Number("producerRetryMax", 5),
            Compression: Enum.Parse<CompressionType>(metadata.OneOf("compression", "none", "none", "gzip", "snappy", "lz4", "zstd"), ignoreCase: true),
            ExcludeHeaders: ReadRegex(metadata, "excludeHeaderMetaRegex"),
            EscapeHeaders: metadata.Flag("escapeHeaders", false));
        return settings.HeartbeatInterval < settings.SessionTimeout ? settings : throw metadata.Wrong(
            "heartbeatInterval", metadata.Text("heartbeatInterval") ?? "3s",
            $"less than sessionTimeout ({settings.SessionTimeout.TotalSeconds}s), at best a third of it");
    }

    private static Version ReadVersion(ComponentMetadata metadata)
    {
        var text = metadata.Text("version") ?? "2.0.0";
        return Version.TryParse(text, out var version) && version >= new Version(0, 8)
            ? version
            : throw metadata.Wrong("version", text, "the version of the Kafka cluster such as 2.0.0 or 0.9.0.1");
    }

    private static TimeSpan Positive(ComponentMetadata metadata, string name, TimeSpan defaultValue, TimeSpan? bareUnit = null)
    {
        var duration = metadata.Duration(name, defaultValue, bareUnit ?? Second);
        return duration >= Millisecond && duration <= TimeSpan.FromDays(1)
            ? duration
            : throw metadata.Wrong(name, metadata.Text(name) ?? "", "a duration from 1ms to 24h");
    }

    private static Regex? ReadRegex(ComponentMetadata metadata, string name)
    {
        if (metadata.Text(name) is not { } pattern)
        {
            return null;
        }

        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException)
        {
            throw metadata.Wrong(name, pattern, "a regular expression");
        }
    }

    private static void RefuseSchemas(ComponentMetadata metadata)
    {
        if (metadata.Text("schemaRegistryURL") is { } registry)
        {
            throw metadata.Wrong("schemaRegistryURL", registry, "nothing here: the embedded sidecar serves no Avro schemas; use Dapr's own sidecar for them");
        }
    }
}
