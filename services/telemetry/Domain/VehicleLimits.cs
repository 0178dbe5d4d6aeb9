using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Eventide.Telemetry.Domain;

/// <summary>How much each vehicle may send, so that one broken device does not fill the broker. Per replica. Thread-safe.</summary>
internal sealed class VehicleLimits(IOptions<TelemetryOptions> options) : IAsyncDisposable
{
    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(vehicle => RateLimitPartition.GetTokenBucketLimiter(
        vehicle, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.Value.Burst,
            TokensPerPeriod = options.Value.ReadingsPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        }));

    /// <summary>Takes one reading's share; when there is none left, answers false.</summary>
    public bool TryTake(string vehicle)
    {
        using var lease = _limiter.AttemptAcquire(vehicle);
        return lease.IsAcquired;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _limiter.DisposeAsync();
}
