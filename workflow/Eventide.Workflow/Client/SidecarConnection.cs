using Eventide.Workflow.Protocol;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.Extensions.Configuration;

namespace Dapr.Workflow.Client;

/// <summary>
/// The gRPC channels to the app's own sidecar. Where it is and the token to show it come from the configuration, else from the environment, under Dapr's names
/// (DAPR_GRPC_ENDPOINT, DAPR_GRPC_PORT, DAPR_API_TOKEN).
/// </summary>
internal sealed class SidecarConnection : IDisposable
{
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(15);
    private readonly GrpcChannel _clientChannel;
    private readonly GrpcChannel _workerChannel;

    public SidecarConnection(IConfiguration? configuration, GrpcMessageSizeLimits limits)
    {
        var endpoint = Endpoint(configuration);
        var token = Value(configuration, "DAPR_API_TOKEN");
        _clientChannel = Open(endpoint, limits, traced: true);
        // What a worker asks and answers is the inside of spans that the worker starts itself: spans of its own calls would be one root trace per work item.
        _workerChannel = Open(endpoint, limits, traced: false);
        Client = Caller(_clientChannel, token);
        Worker = Caller(_workerChannel, token);
    }

    /// <summary>For calls that people's code makes.</summary>
    public TaskHubSidecarService.TaskHubSidecarServiceClient Client { get; }

    /// <summary>For the worker's stream and its answers.</summary>
    public TaskHubSidecarService.TaskHubSidecarServiceClient Worker { get; }

    public void Dispose()
    {
        _clientChannel.Dispose();
        _workerChannel.Dispose();
    }

    internal static TaskHubSidecarService.TaskHubSidecarServiceClient Caller(GrpcChannel channel, string? token) => string.IsNullOrEmpty(token)
        ? new TaskHubSidecarService.TaskHubSidecarServiceClient(channel)
        : new TaskHubSidecarService.TaskHubSidecarServiceClient(channel.Intercept(metadata =>
        {
            metadata.Add("dapr-api-token", token);
            return metadata;
        }));

    internal static string Endpoint(IConfiguration? configuration) =>
        Value(configuration, "DAPR_GRPC_ENDPOINT") ?? $"http://127.0.0.1:{Value(configuration, "DAPR_GRPC_PORT") ?? "50001"}";

    private static string? Value(IConfiguration? configuration, string name) =>
        configuration?[name] is { Length: > 0 } configured ? configured
        : Environment.GetEnvironmentVariable(name) is { Length: > 0 } fromEnvironment ? fromEnvironment
        : null;

    private static GrpcChannel Open(string endpoint, GrpcMessageSizeLimits limits, bool traced)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            // A stream of work items can be silent for hours: pings tell a quiet sidecar from one that is gone.
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingTimeout = PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
        };
        if (!traced)
            handler.ActivityHeadersPropagator = null;

        return GrpcChannel.ForAddress(endpoint, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = limits.Receive,
            MaxSendMessageSize = limits.Send,
        });
    }
}
