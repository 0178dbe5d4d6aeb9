using Eventide.Scaling.Keda;

namespace Eventide.Scaling.Tests.Keda;

/// <summary>Between zero and the minimum: KEDA's own half.</summary>
public class KedaOperatorTests
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void At_the_activation_value_nothing_starts_above_it_one_does()
    {
        var operation = new KedaOperator(Lag(activation: 5));

        Assert.Equal(0, operation.Poll(Begin, 0, [5]).Replicas);
        Assert.Equal(1, operation.Poll(Begin, 0, [6]).Replicas);
    }

    [Fact]
    public void Activation_wins_over_the_target()
    {
        // KEDA: target 10, activation 50, 40 messages: stays at zero although four replicas would have work.
        Assert.Equal(0, new KedaOperator(Lag(activation: 50)).Poll(Begin, 0, [40]).Replicas);
    }

    [Fact]
    public void It_goes_to_zero_when_nothing_was_active_for_longer_than_the_cooldown()
    {
        var operation = new KedaOperator(Lag());
        operation.Poll(Begin, 1, [1]);

        Assert.Equal(1, operation.Poll(Begin.AddSeconds(300), 1, [0]).Replicas);
        Assert.Equal(0, operation.Poll(Begin.AddSeconds(301), 1, [0]).Replicas);
    }

    [Fact]
    public void With_a_minimum_it_never_switches_off_and_raises_to_it()
    {
        var operation = new KedaOperator(Lag() with { MinReplicaCount = 2 });

        Assert.Equal(2, operation.Poll(Begin, 2, [0]).Replicas);
        Assert.Equal(2, operation.Poll(Begin.AddHours(1), 1, [0]).Replicas);
        Assert.Equal(2, operation.Poll(Begin.AddHours(2), 0, [1]).Replicas);
    }

    [Fact]
    public void In_idle_mode_it_jumps_between_idle_and_the_minimum()
    {
        var operation = new KedaOperator(Lag() with { MinReplicaCount = 3, IdleReplicaCount = 0 });

        Assert.Equal(3, operation.Poll(Begin, 0, [1]).Replicas);
        Assert.Equal(3, operation.Poll(Begin.AddSeconds(60), 3, [0]).Replicas);
        Assert.Equal(0, operation.Poll(Begin.AddSeconds(301), 3, [0]).Replicas);
    }

    [Fact]
    public void A_trigger_that_cannot_be_read_switches_nothing_off()
    {
        var operation = new KedaOperator(Lag());

        Assert.Equal(1, operation.Poll(Begin, 1, [null]).Replicas);
        Assert.Equal(1, operation.Poll(Begin.AddDays(1), 1, [null]).Replicas);
    }

    [Fact]
    public void A_partly_readable_activity_does_not_renew_the_cooldown()
    {
        var operation = new KedaOperator(new ScaledObjectSpec { Triggers = [new RedisLagTrigger("lag", 10), new RedisPendingTrigger("pending", 10)] });
        operation.Poll(Begin, 1, [1, 0]);
        operation.Poll(Begin.AddSeconds(290), 1, [1, null]);

        Assert.Equal(0, operation.Poll(Begin.AddSeconds(301), 1, [0, 0]).Replicas);
    }

    private static ScaledObjectSpec Lag(double activation = 0) => new() { Triggers = [new RedisLagTrigger("lag", 10, activation)] };
}
