using Polly;
using Polly.CircuitBreaker;

namespace Eventide.Sidecar.Resiliency;

/// <summary>
/// One circuit breaker: closed, open, half open, with the counts that Dapr's trip conditions read (Dapr: pkg/resiliency/breaker). Polly's own breaker trips
/// on a failure ratio only. A call that ends after the state has changed counts for nothing. Thread-safe.
/// </summary>
/// <param name="policy">When it opens and closes.</param>
/// <param name="time">The clock of interval and timeout.</param>
/// <param name="changed">Told of each new state, under the lock: must be quick.</param>
internal sealed class CircuitBreaker(CircuitBreakerPolicy policy, TimeProvider time, Action<CircuitState> changed)
{
    private readonly Lock _lock = new();
    private CircuitState _state = CircuitState.Closed;
    private BreakerCounts _counts;
    private long _generation;
    private DateTimeOffset _until = policy.Interval > TimeSpan.Zero ? time.GetUtcNow() + policy.Interval : DateTimeOffset.MaxValue;

    /// <summary>Lets a call pass; the result goes to <see cref="Leave"/>. Throws <see cref="BrokenCircuitException"/> when it may not.</summary>
    public long Enter()
    {
        lock (_lock)
        {
            Tick_NeedsLock();
            if (_state == CircuitState.Open)
            {
                throw new BrokenCircuitException("circuit breaker is open");
            }

            if (_state == CircuitState.HalfOpen && _counts.Requests >= policy.MaxRequests)
            {
                throw new BrokenCircuitException("too many requests");
            }

            _counts = _counts with { Requests = _counts.Requests + 1 };
            return _generation;
        }
    }

    /// <summary>Counts how the call ended.</summary>
    public void Leave(long generation, bool succeeded)
    {
        lock (_lock)
        {
            Tick_NeedsLock();
            if (generation != _generation)
            {
                return;
            }

            _counts = succeeded ? _counts.Success() : _counts.Failure();
            if (_state == CircuitState.HalfOpen && succeeded)
            {
                if (_counts.ConsecutiveSuccesses >= policy.MaxRequests)
                {
                    Turn_NeedsLock(CircuitState.Closed);
                }
            }
            else if (!succeeded && (_state == CircuitState.HalfOpen || policy.Trips(_counts)))
            {
                Turn_NeedsLock(CircuitState.Open);
            }
        }
    }

    private void Tick_NeedsLock()
    {
        if (time.GetUtcNow() < _until)
        {
            return;
        }

        if (_state == CircuitState.Open)
        {
            Turn_NeedsLock(CircuitState.HalfOpen);
        }
        else if (_state == CircuitState.Closed)
        {
            Renew_NeedsLock();
        }
    }

    private void Turn_NeedsLock(CircuitState state)
    {
        _state = state;
        Renew_NeedsLock();
        changed(state);
    }

    private void Renew_NeedsLock()
    {
        _generation++;
        _counts = default;
        _until = _state switch
        {
            CircuitState.Open => time.GetUtcNow() + policy.Timeout,
            CircuitState.Closed when policy.Interval > TimeSpan.Zero => time.GetUtcNow() + policy.Interval,
            _ => DateTimeOffset.MaxValue,
        };
    }
}

/// <summary>A <see cref="CircuitBreaker"/> as part of a pipeline. A cancelled call counts as neither.</summary>
internal sealed class CircuitBreakerStrategy(CircuitBreaker breaker) : ResilienceStrategy
{
    /// <inheritdoc/>
    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        long generation;
        try
        {
            generation = breaker.Enter();
        }
        catch (BrokenCircuitException open)
        {
            return Outcome.FromException<TResult>(open);
        }

        var outcome = await callback(context, state);
        breaker.Leave(generation, outcome.Exception is null or OperationCanceledException);
        return outcome;
    }
}
