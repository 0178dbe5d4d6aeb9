using System.Globalization;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Components.PubSub.RabbitMq;

/// <summary>The settings of pubsub.rabbitmq under Dapr's names and with Dapr's defaults (Dapr: pubsub/rabbitmq/metadata.go).</summary>
/// <param name="Component">The component's name, for messages.</param>
/// <param name="Address">Scheme, user, password, host, port and virtual host.</param>
/// <param name="ClientName">What the broker shows the connection as; null: the app id.</param>
/// <param name="SaslExternal">The certificate is the user.</param>
/// <param name="HeartBeat">How long a connection may be silent before it counts as lost.</param>
/// <param name="ReconnectWait">Between two attempts to connect.</param>
/// <param name="ExchangeKind">fanout, topic, direct or headers.</param>
/// <param name="Durable">Whether exchanges and queues survive a restart of the broker.</param>
/// <param name="DeletedWhenUnused">Whether they go, with the messages in them, when the last consumer does.</param>
/// <param name="EnableDeadLetter">Whether what is refused and what does not fit goes to a queue of the broker.</param>
/// <param name="MaxLength">The most messages in a queue; 0 is no limit.</param>
/// <param name="MaxLengthBytes">The most bytes in a queue; 0 is no limit.</param>
/// <param name="DeliveryMode">2 is on disk; 0 and 1 are in memory.</param>
/// <param name="PublisherConfirm">Whether a publish waits until the broker has the message.</param>
/// <param name="TimeToLive">Of a message that names none itself.</param>
/// <param name="AutoAck">A message counts as handled when it is sent.</param>
/// <param name="RequeueInFailure">Whether a message whose handler failed comes again; else the broker drops it or makes it a dead letter.</param>
/// <param name="PrefetchCount">So many messages may be with a subscriber unanswered; 0 is no limit.</param>
/// <param name="IsParallel">False: one message at a time.</param>
/// <param name="PropertiesToMetadata">Whether the app gets properties and headers of the message.</param>
internal sealed record RabbitMqSettings(
    string Component,
    Uri Address,
    string? ClientName,
    RabbitMqCertificates Certificates,
    bool SaslExternal,
    TimeSpan HeartBeat,
    TimeSpan ReconnectWait,
    string ExchangeKind,
    bool Durable,
    bool DeletedWhenUnused,
    bool EnableDeadLetter,
    long MaxLength,
    long MaxLengthBytes,
    int DeliveryMode,
    bool PublisherConfirm,
    TimeSpan? TimeToLive,
    bool AutoAck,
    bool RequeueInFailure,
    int PrefetchCount,
    bool IsParallel,
    bool PropertiesToMetadata)
{
    private const int PlainPort = 5672;
    private const int TlsPort = 5671;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Where it is, without the password; for messages.</summary>
    public string Where => $"{Address.Host}:{(Address.Port > 0 ? Address.Port : IsEncrypted ? TlsPort : PlainPort)}";

    /// <summary>Whether TLS is used.</summary>
    public bool IsEncrypted => Address.Scheme == "amqps";

    /// <summary>
    /// How long a publish waits for a broker that is away: the three attempts that Dapr makes, <see cref="ReconnectWait"/> apart. A broker that is only restarted is
    /// often back by then, and nobody noticed.
    /// </summary>
    public TimeSpan Patience => 3 * ReconnectWait;

    /// <summary>Reads the settings; throws <see cref="SidecarStartException"/> for a wrong one.</summary>
    public static RabbitMqSettings Read(ComponentDefinition definition)
    {
        var metadata = definition.Metadata;
        var settings = new RabbitMqSettings(
            Component: definition.Name,
            Address: ReadAddress(metadata),
            ClientName: metadata.Text("clientName"),
            Certificates: RabbitMqCertificates.Read(metadata),
            SaslExternal: metadata.Flag("saslExternal", false),
            HeartBeat: Between(metadata, "heartBeat", TimeSpan.FromSeconds(10), TimeSpan.Zero),
            ReconnectWait: Between(metadata, "reconnectWaitSeconds", TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(1)),
            ExchangeKind: metadata.OneOf("exchangeKind", "fanout", "fanout", "topic", "direct", "headers"),
            Durable: metadata.Flag("durable", true),
            DeletedWhenUnused: metadata.Flag("deletedWhenUnused", true),
            EnableDeadLetter: metadata.Flag("enableDeadLetter", false),
            MaxLength: ReadLimit(metadata, "maxLen"),
            MaxLengthBytes: ReadLimit(metadata, "maxLenBytes"),
            DeliveryMode: metadata.Number("deliveryMode", 0, 0, 2),
            PublisherConfirm: metadata.Flag("publisherConfirm", false),
            TimeToLive: ReadTimeToLive(metadata),
            AutoAck: metadata.Flag("autoAck", false),
            RequeueInFailure: metadata.Flag("requeueInFailure", false),
            PrefetchCount: metadata.Number("prefetchCount", 0, 0, byte.MaxValue),
            IsParallel: ReadConcurrency(metadata) == "parallel",
            PropertiesToMetadata: metadata.Flag("publishMessagePropertiesToMetadata", false));
        return !settings.SaslExternal || (settings.Certificates.IsComplete && settings.IsEncrypted) ? settings : throw metadata.Wrong(
            "saslExternal", metadata.Text("saslExternal")!, "true only with amqps and with caCert, clientCert and clientKey");
    }

    private static Uri ReadAddress(ComponentMetadata metadata)
    {
        // "host" is Dapr's old name for the connection string.
        var (name, text) = metadata.Text("connectionString") is { } given ? ("connectionString", given) : ("host", metadata.Text("host"));
        var (protocol, host, user, password) = (metadata.Text("protocol"), metadata.Text("hostname"), metadata.Text("username"), metadata.Text("password"));
        if (text is null)
        {
            var credentials = user is null ? "" : Uri.EscapeDataString(user) + (password is null ? "" : ":" + Uri.EscapeDataString(password)) + "@";
            (name, text) = (protocol is null ? "hostname" : "protocol", $"{protocol ?? "amqp"}://{credentials}{host ?? "localhost"}");
        }

        const string Allowed = "an address such as amqp://user:password@host:5672 or amqps://user:password@host:5671/vhost";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("amqp" or "amqps") || address.Host.Length == 0)
        {
            // The value may hold a password, and who reads the log need not know it.
            throw metadata.Wrong(name, name is "connectionString" or "host" ? "(not shown)" : metadata.Text(name) ?? "", Allowed);
        }

        return protocol is null || protocol == address.Scheme
            ? address
            : throw metadata.Wrong("protocol", protocol, $"{address.Scheme}, as {name} says, or nothing");
    }

    // Dapr's documentation names it concurrency and its code reads concurrencyMode: both mean the same here.
    private static string ReadConcurrency(ComponentMetadata metadata)
    {
        var documented = metadata.OneOf("concurrency", "parallel", "parallel", "single");
        return metadata.OneOf("concurrencyMode", documented, "parallel", "single");
    }

    private static TimeSpan? ReadTimeToLive(ComponentMetadata metadata)
    {
        var name = metadata.Text("ttl") is null ? "ttlInSeconds" : "ttl";
        return metadata.Text(name) is not { } text ? null
            : GoDuration.TryParse(text, Second, out var duration) && duration > TimeSpan.Zero && duration.TotalMilliseconds <= uint.MaxValue ? duration
            : throw metadata.Wrong(name, text, "a number of seconds above 0, or a duration such as 90s or 1h");
    }

    private static long ReadLimit(ComponentMetadata metadata, string name) =>
        metadata.Text(name) is not { } text ? 0
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit
        : throw metadata.Wrong(name, text, "a whole number of at least 0; 0 is no limit");

    private static TimeSpan Between(ComponentMetadata metadata, string name, TimeSpan defaultValue, TimeSpan least)
    {
        var duration = metadata.Duration(name, defaultValue, Second);
        return duration >= least && duration <= TimeSpan.FromHours(1) ? duration : throw metadata.Wrong(
            name, metadata.Text(name) ?? "", string.Create(CultureInfo.InvariantCulture, $"a duration from {least.TotalMilliseconds}ms to 1h"));
    }
}
