using System.Globalization;
using Confluent.Kafka;

namespace Eventide.Brokers.Servers;

/// <summary>
/// Kafka 0.9 with one broker on disk, and the ZooKeeper that it needs. Topics are made when they are first used, with eight partitions. It has no record
/// headers and no idempotent producers: component files have to name its <c>version</c>. What it acknowledged survives SIGKILL.
/// </summary>
internal sealed class KafkaServer(string folder) : ServerProcess(folder), ILocalServer
{
    private const string Version = "0.9.0.1";
    private const int Number = 0;
    private static readonly TimeSpan Session = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(1);
    private readonly ZooKeeperServer _zooKeeper = new(Path.Combine(folder, "zookeeper"));

    /// <inheritdoc/>
    public override string Name => $"Kafka {Version}";

    /// <inheritdoc/>
    public override string Address => $"127.0.0.1:{Port}";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["version"] = Version };

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Command => KafkaInstallation.Command(512, Log4j, "kafka.Kafka", Configuration);

    private string Configuration => Path.Combine(Folder, "server.properties");

    private string Log4j => Path.Combine(Folder, "log4j.properties");

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _zooKeeper.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await KafkaInstallation.WriteLog4jAsync(Log4j, cancellationToken);
        await KafkaInstallation.WriteAsync(Configuration, Properties(), cancellationToken);
        await _zooKeeper.StartAsync(cancellationToken);

        // A broker that was killed is in the cluster until its session runs out, and until then its successor refuses to start.
        while (await _zooKeeper.HasBrokerAsync(Number, cancellationToken))
        {
            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override async Task<bool> AnswersAsync(CancellationToken cancellationToken) =>
        await base.AnswersAsync(cancellationToken) && await Task.Run(HasBroker, cancellationToken);

    private IEnumerable<(string Name, string Value)> Properties() =>
    [
        ("broker.id", Number.ToString(CultureInfo.InvariantCulture)),
        ("listeners", $"PLAINTEXT://{Address}"),
        ("log.dirs", Data),
        ("zookeeper.connect", _zooKeeper.Address),
        ("zookeeper.session.timeout.ms", Session.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)),
        ("zookeeper.connection.timeout.ms", "30000"),
        ("num.partitions", "8"),
        ("offsets.topic.num.partitions", "8"),
        ("offsets.topic.replication.factor", "1"),
        ("message.max.bytes", "16777216"),
        ("replica.fetch.max.bytes", "16777216"),
        ("group.min.session.timeout.ms", "1000"),
        ("num.network.threads", "2"),
        ("num.io.threads", "4"),
        ("log.index.size.max.bytes", "1048576"),
        ("log.cleaner.dedupe.buffer.size", "8388608"),
    ];

    private bool HasBroker()
    {
        var config = new AdminClientConfig { BootstrapServers = Address, ApiVersionRequest = false, BrokerVersionFallback = Version };
        using var admin = new AdminClientBuilder(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        try
        {
            return admin.GetMetadata(AskTimeout).Brokers.Count > 0;
        }
        catch (KafkaException)
        {
            return false;
        }
    }
}
