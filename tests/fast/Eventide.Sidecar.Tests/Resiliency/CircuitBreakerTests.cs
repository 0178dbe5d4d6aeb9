using Eventide.Sidecar.Expressions;
using Eventide.Sidecar.Resiliency;
using Microsoft.Extensions.Time.Testing;
using Polly.CircuitBreaker;

namespace Eventide.Sidecar.Tests.Resiliency;

/// <summary>The states of a breaker, with its clock in hand.</summary>
public sealed class CircuitBreakerTests
{
    private static readonly CelEnvironment Variables = new(
        ("requests", CelType.Int), ("totalSuccesses", CelType.Int), ("totalFailures", CelType.Int), ("consecutiveSuccesses", CelType.Int),
        ("consecutiveFailures", CelType.Int));

    private readonly FakeTimeProvider _time = new();
    private readonly List<CircuitState> _states = [];

    [Fact]
    public void It_opens_when_its_condition_holds_and_lets_nothing_pass_until_its_timeout()
    {
        var breaker = Breaker("consecutiveFailures >= 3");
        Fail(breaker, 2);
        Succeed(breaker);
        Fail(breaker, 2);
        Assert.Empty(_states);

        Fail(breaker);

        Assert.Equal([CircuitState.Open], _states);
        Assert.Equal("circuit breaker is open", Assert.Throws<BrokenCircuitException>(() => breaker.Enter()).Message);
        _time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.Throws<BrokenCircuitException>(() => breaker.Enter());
    }

    [Fact]
    public void Half_open_it_lets_max_requests_pass_and_closes_when_all_succeed()
    {
        var breaker = Breaker("consecutiveFailures >= 1", maxRequests: 2);
        Fail(breaker);
        _time.Advance(TimeSpan.FromSeconds(30));

        var (first, second) = (breaker.Enter(), breaker.Enter());
        Assert.Equal("too many requests", Assert.Throws<BrokenCircuitException>(() => breaker.Enter()).Message);
        breaker.Leave(first, succeeded: true);
        Assert.Equal(CircuitState.HalfOpen, _states[^1]);
        breaker.Leave(second, succeeded: true);

        Assert.Equal([CircuitState.Open, CircuitState.HalfOpen, CircuitState.Closed], _states);
        Succeed(breaker);
    }

    [Fact]
    public void One_failure_while_half_open_opens_it_again()
    {
        var breaker = Breaker("consecutiveFailures >= 3");
        Fail(breaker, 3);
        _time.Advance(TimeSpan.FromSeconds(30));

        Fail(breaker);

        Assert.Equal([CircuitState.Open, CircuitState.HalfOpen, CircuitState.Open], _states);
    }

    [Fact]
    public void A_call_that_ends_after_the_state_has_changed_counts_for_nothing()
    {
        var breaker = Breaker("consecutiveFailures >= 1");
        var slow = breaker.Enter();
        Fail(breaker);
        _time.Advance(TimeSpan.FromSeconds(30));
        var probe = breaker.Enter();

        breaker.Leave(slow, succeeded: true);

        Assert.Equal(CircuitState.HalfOpen, _states[^1]);
        breaker.Leave(probe, succeeded: true);
        Assert.Equal(CircuitState.Closed, _states[^1]);
    }

    [Fact]
    public void With_an_interval_the_counts_of_a_closed_breaker_start_anew()
    {
        var breaker = Breaker("totalFailures >= 3", interval: TimeSpan.FromSeconds(10));
        Fail(breaker, 2);
        _time.Advance(TimeSpan.FromSeconds(10));
        Fail(breaker, 2);
        Assert.Empty(_states);

        Fail(breaker);

        Assert.Equal([CircuitState.Open], _states);
    }

    [Fact]
    public void The_condition_sees_all_counts()
    {
        var breaker = Breaker("requests >= 4 && totalFailures * 2 >= requests && totalSuccesses == 2 && consecutiveSuccesses == 0");
        Succeed(breaker);
        Fail(breaker);
        Succeed(breaker);
        Assert.Empty(_states);

        Fail(breaker);

        Assert.Equal([CircuitState.Open], _states);
    }

    [Fact]
    public void A_condition_without_a_value_does_not_open_it()
    {
        var breaker = Breaker("requests / totalSuccesses > 2");

        Fail(breaker, 10);

        Assert.Empty(_states);
    }

    private CircuitBreaker Breaker(string trip, int maxRequests = 1, TimeSpan interval = default) => new(
        new CircuitBreakerPolicy(maxRequests, interval, TimeSpan.FromSeconds(30), CelExpression.Compile(trip, Variables)), _time, _states.Add);

    private static void Succeed(CircuitBreaker breaker) => breaker.Leave(breaker.Enter(), succeeded: true);

    private static void Fail(CircuitBreaker breaker, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            breaker.Leave(breaker.Enter(), succeeded: false);
        }
    }
}
