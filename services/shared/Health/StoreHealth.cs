using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Eventide.ServiceDefaults.Health;

/// <summary>
/// Whether the service's own store answers. The sidecar pauses delivery while it does not, so messages wait at the broker instead of ending as dead letters. One
/// read serves all that ask within a second. Thread-safe.
/// </summary>
internal sealed class StoreHealth(DocumentStore store, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _asking = new(1);
    private long _askedAt;
    private bool? _reachable;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            if (_reachable is null || time.GetElapsedTime(_askedAt) > Fresh)
            {
                _reachable = await store.IsReachableAsync(cancellationToken);
                _askedAt = time.GetTimestamp();
            }

            return _reachable.Value ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The store does not answer.");
        }
        finally
        {
            _asking.Release();
        }
    }
}
