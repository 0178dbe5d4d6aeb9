using System.Diagnostics;
using Eventide.Benchmarks.Measuring;
using Eventide.Benchmarks.Peers;
using Eventide.Brokers.Servers;

namespace Eventide.Benchmarks.Brokers;

/// <summary>One broker with everything around it, running: its server, the processes with its own client, and those with sidecars. Disposing ends them all.</summary>
internal sealed class BrokerBench : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _owned = new();
    private readonly ILocalServer? _server;

    private BrokerBench(ILocalServer? server) => _server = server;

    /// <summary>The ways from publish to handler that are compared; the first is without a sidecar.</summary>
    public IReadOnlyList<MessagePath> Paths { get; private set; } = [];

    /// <summary>The product with its version.</summary>
    public string Name => _server?.Name ?? "embedded";

    public static async Task<BrokerBench> StartAsync(MeasuredBroker broker, string folder, CancellationToken cancellationToken)
    {
        var server = broker.Server?.Invoke(Path.Combine(folder, "server"));
        var bench = new BrokerBench(server);
        try
        {
            if (server is not null)
            {
                bench._owned.Push(server);
                await server.StartAsync(cancellationToken);
            }

            await bench.StartPeersAsync(broker, folder, server?.Address ?? folder, cancellationToken);
            return bench;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends so many messages along a path; ends when the last one has been handled.</summary>
    public async Task<RoundFigure> RoundAsync(MessagePath path, int messages, CancellationToken cancellationToken)
    {
        await path.Consumer.AskAsync($"expect {messages}", cancellationToken);
        var before = await CostAsync(path, cancellationToken);
        var start = Stopwatch.GetTimestamp();
        await path.Publisher.AskAsync($"publish {messages}", cancellationToken);
        var published = Stopwatch.GetElapsedTime(start);
        await path.Consumer.AskAsync("handled", cancellationToken);
        var took = Stopwatch.GetElapsedTime(start);
        var after = await CostAsync(path, cancellationToken);
        return new RoundFigure(messages / took.TotalSeconds, messages / published.TotalSeconds, after.Minus(before).Per(messages));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        while (_owned.TryPop(out var owned))
        {
            await owned.DisposeAsync();
        }
    }

    private async Task StartPeersAsync(MeasuredBroker broker, string folder, string address, CancellationToken cancellationToken)
    {
        async Task<PeerProcess<T>> PeerAsync<T>(string role, params string[] arguments)
        {
            var peer = await PeerProcess<T>.StartAsync(role, arguments, cancellationToken);
            _owned.Push(peer);
            return peer;
        }

        var directConsumer = await PeerAsync<string>(DirectPeer.Role, broker.Name, address, "direct", "true");
        var directPublisher = broker.Server is null ? directConsumer : await PeerAsync<string>(DirectPeer.Role, broker.Name, address, "direct", "false");
        var app = await PeerAsync<AppAddresses>(ConsumerPeer.Role);
        var sidecars = await PeerAsync<SidecarAddresses>(BrokerSidecarsPeer.Role, broker.Name, folder, address, $"{app.Addresses.Http}", $"{app.Addresses.Grpc}");
        var toHttp = await PeerAsync<string>(PublisherPeer.Role, sidecars.Addresses.Grpc.ToString(), ConsumerPeer.HttpTopic);
        var toGrpc = await PeerAsync<string>(PublisherPeer.Role, sidecars.Addresses.Grpc.ToString(), ConsumerPeer.GrpcTopic);
        Paths =
        [
            new MessagePath("direct", directPublisher.AsCommands(), null, directConsumer.AsCommands()),
            new MessagePath("sidecar, HTTP app", toHttp.AsCommands(), sidecars.AsCommands(), app.AsCommands()),
            new MessagePath("sidecar, gRPC app", toGrpc.AsCommands(), sidecars.AsCommands(), app.AsCommands()),
        ];
    }

    private async Task<MessageCost> CostAsync(MessagePath path, CancellationToken cancellationToken) => new(
        await path.Publisher.ProcessorTimeAsync(cancellationToken),
        path.Sidecars is null ? 0 : await path.Sidecars.ProcessorTimeAsync(cancellationToken),
        ReferenceEquals(path.Consumer.Process, path.Publisher.Process) ? 0 : await path.Consumer.ProcessorTimeAsync(cancellationToken),
        _server is ServerProcess server ? GroupProcessorTime.Microseconds(server.Group) : 0);
}

/// <summary>A way from publish to handler.</summary>
/// <param name="Sidecars">The process of both sidecars; null when there are none.</param>
internal sealed record MessagePath(string Name, PeerCommands Publisher, PeerCommands? Sidecars, PeerCommands Consumer);

/// <summary>What one round showed.</summary>
/// <param name="PerSecond">Messages handled.</param>
/// <param name="PublishedPerSecond">Messages confirmed.</param>
internal sealed record RoundFigure(double PerSecond, double PublishedPerSecond, MessageCost Cost);

/// <summary>Processor time in microseconds, by process.</summary>
internal sealed record MessageCost(double Publisher, double Sidecars, double Consumer, double Server)
{
    public double Total => Publisher + Sidecars + Consumer + Server;

    public MessageCost Minus(MessageCost other) => new(Publisher - other.Publisher, Sidecars - other.Sidecars, Consumer - other.Consumer, Server - other.Server);

    public MessageCost Per(int messages) => new(Publisher / messages, Sidecars / messages, Consumer / messages, Server / messages);
}
