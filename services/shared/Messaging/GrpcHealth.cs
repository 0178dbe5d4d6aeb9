using Dapr.AppCallback.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>The same health as GET /healthz, for a sidecar that speaks gRPC: while it fails, delivery pauses and messages wait at the broker.</summary>
internal sealed class GrpcHealth(HealthCheckService health) : AppCallbackHealthCheck.AppCallbackHealthCheckBase
{
    /// <summary>Healthy, or UNAVAILABLE with what is wrong.</summary>
    public override async Task<HealthCheckResponse> HealthCheck(Empty request, ServerCallContext context)
    {
        var report = await health.CheckHealthAsync(context.CancellationToken);
        return report.Status == HealthStatus.Healthy
            ? new HealthCheckResponse()
            : throw new RpcException(new Status(
                StatusCode.Unavailable, string.Join(' ', report.Entries.Values.Where(entry => entry.Status != HealthStatus.Healthy).Select(entry => entry.Description))));
    }
}
