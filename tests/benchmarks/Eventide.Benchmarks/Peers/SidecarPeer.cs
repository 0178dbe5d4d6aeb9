using Eventide.Sidecar;

namespace Eventide.Benchmarks.Peers;

/// <summary>The sidecars under test: the caller's, and one each for the app's two protocols; in one process, as the runner has them.</summary>
internal static class SidecarPeer
{
    public const string Role = "serve-sidecars";
    public const string HttpApp = "echo";
    public const string GrpcApp = "echo-grpc";

    public static async Task<int> RunAsync(string folder, int httpPort, int grpcPort, CancellationToken cancellationToken)
    {
        var resources = Directory.CreateDirectory(Path.Combine(folder, "resources")).FullName;
        await WriteComponentAsync(resources, "memory-bus", "pubsub.in-memory", cancellationToken);
        await WriteComponentAsync(resources, "durable-bus", "pubsub.sqlite", cancellationToken);
        await WriteComponentAsync(resources, "durable-store", "state.sqlite", cancellationToken);
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
        await (await host.StartAsync(Options(HttpApp, httpPort, AppProtocol.Http), cancellationToken)).Ready;
        await (await host.StartAsync(Options(GrpcApp, grpcPort, AppProtocol.Grpc), cancellationToken)).Ready;
        var caller = await host.StartAsync(Options("caller", null, AppProtocol.Http), cancellationToken);
        await caller.Ready;
        return await PeerRole.RunAsync(new SidecarAddresses(caller.HttpEndpoint, caller.GrpcEndpoint), cancellationToken);
    }

    private static Task WriteComponentAsync(string folder, string name, string type, CancellationToken cancellationToken) => File.WriteAllTextAsync(
        Path.Combine(folder, $"{name}.yaml"),
        $"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: {name}
        spec:
          type: {type}
          version: v1
          metadata: {(type.EndsWith("sqlite", StringComparison.Ordinal) ? $"[{{name: connectionString, value: data/{name}.db}}]" : "[]")}
        """,
        cancellationToken);
}

/// <summary>Where the caller's sidecar listens.</summary>
internal sealed record SidecarAddresses(Uri Http, Uri Grpc);
