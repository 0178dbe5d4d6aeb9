using Dapr.Workflow;
using Eventide.Ordering.Domain;
using Eventide.ServiceDefaults.Problems;
using Grpc.Core;

namespace Eventide.Ordering.Saga;

/// <summary>The running sagas: starts them and brings them the answers that they wait for. Thread-safe.</summary>
internal sealed partial class Sagas(DaprWorkflowClient workflows, ILogger<Sagas> log)
{
    // The sidecar answers when the first turn was taken, so it would keep a customer waiting for as long as no worker is there.
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WakeLimit = TimeSpan.FromSeconds(2);

    /// <summary>Starts the saga of an order; one that runs already is left alone.</summary>
    /// <exception cref="ServiceUnavailableException">The sidecar did not start it within 5 seconds; it may still do so.</exception>
    public async Task StartAsync(string orderId)
    {
        using var limit = new CancellationTokenSource(StartLimit);
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

    /// <summary>Raises the answer to a step; the saga keeps one that comes before it waits.</summary>
    /// <exception cref="RpcException">It does not run, or the sidecar did not take the answer: which of the two, no sidecar says reliably.</exception>
    public Task AnswerAsync(string orderId, SagaStep step, StepReply reply, CancellationToken cancellationToken) =>
        workflows.RaiseEventAsync(orderId, step.ToString(), reply, cancellationToken);

    /// <summary>
    /// Ends the wait of a saga whose customer has just cancelled. The step that had no verdict when the cancellation was written is the one that honours it, so that is
    /// the wait to end. If this is lost, the cancellation still stands and is found when the request would be repeated.
    /// </summary>
    public async Task WakeAsync(Order cancelled)
    {
        if (cancelled.Awaited is not [< SagaStep.Sale and var step])
        {
            return;
        }

        using var limit = new CancellationTokenSource(WakeLimit);
        try
        {
            await AnswerAsync(cancelled.Id, step, new StepReply(StepResult.Abandoned, Order.CancelledByCustomer), limit.Token);
        }
        catch (Exception failure) when (failure is RpcException or OperationCanceledException)
        {
            NotWoken(failure, cancelled.Id);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The saga of {OrderId} could not be woken for its cancellation; it finds it when it repeats its request")]
    private partial void NotWoken(Exception failure, string orderId);
}
