using Dapr;
using Dapr.Client;
using Grpc.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Eventide.Payment.Domain;

/// <summary>
/// The shop's own key at the payment provider, from the secret store; read once, so a new key needs a restart. The service is not ready without it: payments would
/// fail one by one. Thread-safe.
/// </summary>
internal sealed class ProviderKey(DaprClient dapr) : IHealthCheck
{
    private const string Store = "secrets";
    private const string Name = "payment-provider-key";
    private string? _key;

    /// <summary>The key.</summary>
    /// <exception cref="InvalidOperationException">The secret store has none, or does not answer.</exception>
    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        if (_key is { } known)
        {
            return known;
        }

        try
        {
            var secret = await dapr.GetSecretAsync(Store, Name, cancellationToken: cancellationToken);
            return _key = secret.GetValueOrDefault(Name) is { Length: > 0 } key ? key : throw NotThere(null);
        }
        catch (Exception failure) when (failure is DaprException or RpcException)
        {
            throw NotThere(failure);
        }
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await GetAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (InvalidOperationException failure)
        {
            return HealthCheckResult.Unhealthy(failure.Message, failure);
        }
    }

    private static InvalidOperationException NotThere(Exception? cause) =>
        new($"The secret \"{Name}\" could not be read; put it into the secret store \"{Store}\" and let payment read that store.", cause);
}
