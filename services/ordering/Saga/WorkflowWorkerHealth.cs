using System.Text.Json;
using Dapr;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Eventide.Ordering.Saga;

/// <summary>Whether the sidecar has a connection to this service's workflow worker. Without one, an order could be written down but not begun.</summary>
internal sealed class WorkflowWorkerHealth(HttpClient sidecar) : IHealthCheck
{
    /// <summary>A client of the sidecar's own HTTP API.</summary>
    public static HttpClient SidecarClient(IConfiguration configuration)
    {
        var client = new HttpClient { BaseAddress = new Uri(DaprDefaults.GetDefaultHttpEndpoint(configuration)), Timeout = TimeSpan.FromSeconds(2) };
        if (DaprDefaults.GetDefaultDaprApiToken(configuration) is { Length: > 0 } token)
        {
            client.DefaultRequestHeaders.Add("dapr-api-token", token);
        }

        return client;
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var metadata = await sidecar.GetFromJsonAsync<JsonElement>("/v1.0/metadata", cancellationToken);
            return metadata.TryGetProperty("workflows", out var workflows) && workflows.TryGetProperty("connectedWorkers", out var workers) && workers.GetInt32() > 0
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("The workflow worker is not connected to the sidecar yet.");
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy("The sidecar does not answer.", failure);
        }
    }
}
