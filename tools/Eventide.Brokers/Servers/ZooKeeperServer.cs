using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Eventide.Brokers.Servers;

/// <summary>The ZooKeeper that a Kafka 0.9 keeps its cluster in.</summary>
internal sealed class ZooKeeperServer(string folder) : ServerProcess(folder)
{
    // Sessions are between 2 and 20 of these long.
    private const int TickMilliseconds = 1000;

    /// <inheritdoc/>
    public override string Name => "ZooKeeper 3.4.6";

    /// <inheritdoc/>
    public override string Address => $"127.0.0.1:{Port}";

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Command => KafkaInstallation.Command(
        128, Log4j, "org.apache.zookeeper.server.quorum.QuorumPeerMain", Configuration);

    private string Configuration => Path.Combine(Folder, "zookeeper.properties");

    private string Log4j => Path.Combine(Folder, "log4j.properties");

    /// <summary>Whether a process that has the broker's number is in the cluster, or was until a moment ago: its session has not run out.</summary>
    public async Task<bool> HasBrokerAsync(int number, CancellationToken cancellationToken) =>
        (await AskAsync("dump", cancellationToken)).Split('\n').Any(line => line.Trim() == $"/brokers/ids/{number}");

    /// <inheritdoc/>
    protected override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await KafkaInstallation.WriteLog4jAsync(Log4j, cancellationToken);
        await KafkaInstallation.WriteAsync(
            Configuration,
            [
                ("dataDir", Data), ("clientPort", Port.ToString(CultureInfo.InvariantCulture)), ("clientPortAddress", "127.0.0.1"),
                ("tickTime", TickMilliseconds.ToString(CultureInfo.InvariantCulture)), ("maxClientCnxns", "0"),
            ],
            cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync("ruok", cancellationToken) == "imok";
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return false;
        }
    }

    private async Task<string> AskAsync(string word, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), cancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(word), cancellationToken);
        using var answer = new StreamReader(client.GetStream(), Encoding.ASCII);
        return await answer.ReadToEndAsync(cancellationToken);
    }
}
