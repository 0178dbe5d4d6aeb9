using Dapr.Workflow;
using Eventide.Ordering.Domain;
using Eventide.ServiceDefaults.Problems;
using Grpc.Core;

namespace Eventide.Ordering.Saga;

/// <summary>Starts and wakes sagas. Thread-safe.</summary>
internal sealed class SagaStarter(DaprWorkflowClient workflows)
{
    // The sidecar answers when the first turn was taken, so it would keep a customer waiting for as long as no worker is there.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Starts the saga of an order; one that runs already is left alone.</summary>
    /// <exception cref="ServiceUnavailableException">The sidecar did not start it within 5 seconds; it may still do so.</exception>
    public async Task StartAsync(string orderId)
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await workflows.ScheduleNewWorkflowAsync(nameof(OrderSaga), orderId, orderId, default(DateTimeOffset?), limit.Token);
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.AlreadyExists)
        {
            // Another request with the same key was faster.
        }
        catch (Exception failure) when (failure is RpcException or OperationCanceledException)
        {
            throw new ServiceUnavailableException("The order is kept but could not be started; repeat the request with the same Idempotency-Key.", failure);
        }
    }
}
