using Eventide.Benchmarks.Peers;
using Eventide.Sidecar;

namespace Eventide.Benchmarks.Brokers;

/// <summary>The sidecars of the publisher and of the app's two protocols, in one process, as the runner has them.</summary>
internal static class BrokerSidecarsPeer
{
    public const string Role = "broker-sidecars";

    public static async Task<int> RunAsync(string broker, string folder, string address, int httpPort, int grpcPort, CancellationToken cancellationToken)
    {
        var measured = MeasuredBroker.All.Single(candidate => candidate.Name == broker);
        var resources = Directory.CreateDirectory(Path.Combine(folder, "resources")).FullName;
        var settings = string.Concat(measured.Settings(address).Select(setting => $"\n    - name: {setting.Name}\n      value: \"{setting.Value}\""));
        await File.WriteAllTextAsync(
            Path.Combine(resources, "pubsub.yaml"),
            $"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: pubsub
            spec:
              type: {measured.ComponentType}
              version: v1
              metadata: {settings}
            """,
            cancellationToken);
        await using var host = new SidecarHost();
        SidecarOptions Options(string appId, int? port, AppProtocol protocol) => new()
        {
            AppId = appId,
            AppPort = port,
            AppProtocol = protocol,
            HttpPort = 0,
            GrpcPort = 0,
            ResourcesPaths = [resources],
            WorkingDirectory = folder,
        };
        await (await host.StartAsync(Options("http-consumer", httpPort, AppProtocol.Http), cancellationToken)).Ready;
        await (await host.StartAsync(Options("grpc-consumer", grpcPort, AppProtocol.Grpc), cancellationToken)).Ready;
        var publisher = await host.StartAsync(Options("publisher", null, AppProtocol.Http), cancellationToken);
        await publisher.Ready;
        return await PeerRole.RunAsync(new SidecarAddresses(publisher.HttpEndpoint, publisher.GrpcEndpoint), cancellationToken);
    }
}
