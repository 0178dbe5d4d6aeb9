using Polly;
using Polly.CircuitBreaker;

namespace Eventide.Sidecar.Resiliency;

/// <summary>
/// Runs a call again by a <see cref="RetryPolicy"/>. Unlike Polly's own strategy it knows that its owner is stopping (<see cref="Stopping"/>): the call in
/// hand is finished, no further one is made, and the last failure is returned at once instead of after the wait.
/// </summary>
internal sealed class RetryStrategy(RetryPolicy policy, Func<Exception, bool> retries, TimeProvider time) : ResilienceStrategy
{
    /// <summary>Set on the context of a call: cancelled when no further attempt may start.</summary>
    public static readonly ResiliencePropertyKey<CancellationToken> Stopping = new("stopping");

    /// <inheritdoc/>
    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        var stopping = context.Properties.GetValue(Stopping, CancellationToken.None);
        var started = time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            var outcome = await callback(context, state);
            if (outcome.Exception is not { } failure || attempt == policy.MaxRetries || !IsTransient(failure)
                || stopping.IsCancellationRequested || context.CancellationToken.IsCancellationRequested)
            {
                return outcome;
            }

            var delay = policy.Delay(attempt);
            if ((policy.Exponential && time.GetElapsedTime(started) + delay > RetryPolicy.MaxElapsed) || !await WaitAsync(delay, context.CancellationToken, stopping))
            {
                return outcome;
            }
        }
    }

    // A breaker that is open stays open for longer than any wait here: as in Dapr, it ends the retries.
    private bool IsTransient(Exception failure) =>
        failure is not (OperationCanceledException or BrokenCircuitException) && retries(failure) && policy.Matching.Matches(failure);

    private async Task<bool> WaitAsync(TimeSpan delay, CancellationToken cancelled, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancelled, stopping);
        try
        {
            await Task.Delay(delay, time, either.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

/// <summary>Calls that stop retrying when their owner stops.</summary>
internal static class ResiliencePipelineExtensions
{
    /// <summary>Runs <paramref name="callback"/>; once <paramref name="stopping"/> is cancelled it is not started again.</summary>
    /// <param name="pipeline">The policies.</param>
    /// <param name="callback">Gets a token that the time-out and <paramref name="cancellationToken"/> cancel; <paramref name="stopping"/> does not.</param>
    /// <param name="state">Passed on.</param>
    /// <param name="stopping">Ends the retries, not the call in hand.</param>
    /// <param name="cancellationToken">Ends everything.</param>
    public static async ValueTask<TResult> ExecuteUntilAsync<TResult, TState>(
        this ResiliencePipeline pipeline, Func<TState, CancellationToken, ValueTask<TResult>> callback, TState state, CancellationToken stopping,
        CancellationToken cancellationToken)
    {
        if (pipeline == ResiliencePipeline.Empty)
        {
            return await callback(state, cancellationToken);
        }

        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(RetryStrategy.Stopping, stopping);
        try
        {
            return await pipeline.ExecuteAsync(
                static (context, call) => call.callback(call.state, context.CancellationToken), context, (callback, state));
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
