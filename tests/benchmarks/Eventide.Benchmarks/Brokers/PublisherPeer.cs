using Dapr.Client;
using Eventide.Benchmarks.Peers;

namespace Eventide.Benchmarks.Brokers;

/// <summary>An app that publishes through its sidecar with the official client.</summary>
internal static class PublisherPeer
{
    public const string Role = "dapr-publisher";

    public static async Task<int> RunAsync(string sidecar, string topic, CancellationToken cancellationToken)
    {
        using var dapr = new DaprClientBuilder().UseGrpcEndpoint(sidecar).Build();
        return await PeerRole.RunAsync(
            "ready",
            (command, token) => DirectPeer.ExecuteAsync(
                command, new Handled(),
                (message, number, publishing) => dapr.PublishByteEventAsync(
                    "pubsub", topic, message, "application/json", new Dictionary<string, string> { ["partitionKey"] = $"{number}" }, publishing),
                token),
            cancellationToken);
    }
}
