using System.Collections.Concurrent;
using Dapr.Client;
using Grpc.Core;
using Microsoft.Extensions.Configuration;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>Calls gRPC services of other apps through the own sidecar (gRPC proxying). Thread-safe.</summary>
public sealed class GrpcInvocation(IConfiguration configuration)
{
    private const string DefaultPort = "50001";
    private readonly ConcurrentDictionary<string, CallInvoker> _invokers = new(StringComparer.Ordinal);

    /// <summary>What a generated client of the app's service is made with.</summary>
    public CallInvoker To(string appId) => _invokers.GetOrAdd(appId, app => DaprClient.CreateInvocationInvoker(
        app, configuration["DAPR_GRPC_ENDPOINT"] ?? $"http://127.0.0.1:{configuration["DAPR_GRPC_PORT"] ?? DefaultPort}", configuration["DAPR_API_TOKEN"]));
}
