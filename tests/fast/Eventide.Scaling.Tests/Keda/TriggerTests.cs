using Cronos;
using Eventide.Scaling.Hpa;
using Eventide.Scaling.Keda;

namespace Eventide.Scaling.Tests.Keda;

/// <summary>What each trigger reads, and what becomes of it in the autoscaler.</summary>
public class TriggerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_lag_of_a_redis_group_does_not_see_what_consumers_hold()
    {
        var held = new BacklogReading(Waiting: 0, InHand: 200);

        Assert.Equal(0, new RedisLagTrigger("lag", 10).Read(Now, held));
        Assert.Equal(200, new RedisPendingTrigger("pending", 10).Read(Now, held));
    }

    [Fact]
    public void Over_amqp_a_queue_shows_only_what_waits()
    {
        var held = new BacklogReading(Waiting: 5, InHand: 200);

        Assert.Equal(5, new RabbitMqQueueTrigger("queue", 10, CountsInHand: false).Read(Now, held));
        Assert.Equal(205, new RabbitMqQueueTrigger("queue", 10, CountsInHand: true).Read(Now, held));
    }

    [Fact]
    public void Kafka_asks_for_no_more_replicas_than_partitions_unless_allowed()
    {
        var backlog = new BacklogReading(Waiting: 1000, InHand: 0, Partitions: 8);

        Assert.Equal(80, new KafkaLagTrigger("lag", 10).Read(Now, backlog));
        Assert.Equal(1000, new KafkaLagTrigger("lag", 10, AllowsIdleConsumers: true).Read(Now, backlog));
    }

    [Theory]
    [InlineData(17, 0)]
    [InlineData(18, 6)]
    [InlineData(21, 6)]
    [InlineData(22, 0)]
    public void Cron_is_a_floor_between_its_two_times(int hour, int expected)
    {
        var trigger = new CronTrigger("evening", CronExpression.Parse("0 18 * * *"), CronExpression.Parse("0 22 * * *"), TimeZoneInfo.Utc, 6);

        Assert.Equal(expected, trigger.Read(new DateTimeOffset(2026, 1, 1, hour, 30, 0, TimeSpan.Zero), null));
    }

    [Fact]
    public void Without_a_reading_a_broker_trigger_says_nothing()
    {
        Assert.Null(new RedisLagTrigger("lag", 10).Read(Now, null));
        Assert.Null(new KafkaLagTrigger("lag", 10).Read(Now, null));
    }

    [Fact]
    public void The_fallback_speaks_after_more_failures_than_the_threshold()
    {
        var metrics = new KedaMetrics(new ScaledObjectSpec { Triggers = [new RedisLagTrigger("lag", 10)], Fallback = new FallbackSpec(2, 4) });

        Assert.Empty(metrics.Read([null]));
        Assert.Empty(metrics.Read([null]));
        Assert.Equal(40, metrics.Read([null])["lag"]);
        Assert.Equal(7, metrics.Read([7])["lag"]);
        Assert.Empty(metrics.Read([null]));
    }

    [Fact]
    public void The_autoscaler_that_keda_makes_never_goes_below_one()
    {
        var hpa = new ScaledObjectSpec { MinReplicaCount = 0, MaxReplicaCount = 20, Triggers = [new RedisLagTrigger("lag", 10), new CpuTrigger("cpu", 60)] }.ToHpa();

        Assert.Equal((1, 20), (hpa.MinReplicas, hpa.MaxReplicas));
        Assert.Equal([new ExternalAverageMetric("lag", 10), new UtilizationMetric("cpu", 60)], hpa.Metrics);
    }
}
