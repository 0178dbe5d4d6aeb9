using Cronos;
using Eventide.Scaling.Hpa;

namespace Eventide.Scaling.Keda;

/// <summary>What a message source says about one consumer group.</summary>
/// <param name="Waiting">Messages that no consumer has been given: the lag of a Redis group, the ready messages of a RabbitMQ queue.</param>
/// <param name="InHand">Messages that consumers hold and have not acknowledged: prefetched or in work.</param>
/// <param name="Partitions">How many consumers can work at once at most; null when the broker does not limit it.</param>
public sealed record BacklogReading(double Waiting, double InHand, int? Partitions = null)
{
    /// <summary>Everything that has not been acknowledged.</summary>
    public double Total => Waiting + InHand;
}

/// <summary>One trigger of a ScaledObject.</summary>
/// <param name="Name">Unique in its object.</param>
/// <param name="Target">The value that one replica shall have.</param>
/// <param name="Activation">The operator switches on above this value, not at it.</param>
public abstract record TriggerSpec(string Name, double Target, double Activation)
{
    /// <summary>The metric of the HorizontalPodAutoscaler that KEDA makes.</summary>
    public virtual MetricSpec ToMetric() => new ExternalAverageMetric(Name, Target);

    /// <summary>The topic whose consumer group it reads; null when it reads none, or when everything that the service has to do is one backlog.</summary>
    public string? Topic { get; init; }

    /// <summary>The value now; null when the source cannot be read.</summary>
    public abstract double? Read(DateTimeOffset now, BacklogReading? backlog);
}

/// <summary>redis-streams with lagCount: what the group has not been given yet. The only one that can start from zero replicas.</summary>
public sealed record RedisLagTrigger(string Name, double Target, double Activation = 0) : TriggerSpec(Name, Target, Activation)
{
    /// <inheritdoc/>
    public override double? Read(DateTimeOffset now, BacklogReading? backlog) => backlog?.Waiting;
}

/// <summary>redis-streams with pendingEntriesCount: what consumers hold; without consumers always zero.</summary>
public sealed record RedisPendingTrigger(string Name, double Target) : TriggerSpec(Name, Target, Activation: 0)
{
    /// <inheritdoc/>
    public override double? Read(DateTimeOffset now, BacklogReading? backlog) => backlog?.InHand;
}

/// <summary>rabbitmq in mode QueueLength. Over AMQP it counts what waits; over HTTP also what consumers hold, unless that is excluded.</summary>
public sealed record RabbitMqQueueTrigger(string Name, double Target, bool CountsInHand, double Activation = 0) : TriggerSpec(Name, Target, Activation)
{
    /// <inheritdoc/>
    public override double? Read(DateTimeOffset now, BacklogReading? backlog) => CountsInHand ? backlog?.Total : backlog?.Waiting;
}

/// <summary>kafka: the lag of all partitions, never more than keeps every partition's consumer busy unless idle consumers are allowed.</summary>
public sealed record KafkaLagTrigger(string Name, double Target, bool AllowsIdleConsumers = false, double Activation = 0) : TriggerSpec(Name, Target, Activation)
{
    /// <inheritdoc/>
    public override double? Read(DateTimeOffset now, BacklogReading? backlog) =>
        backlog is { Partitions: { } partitions } && !AllowsIdleConsumers ? Math.Min(backlog.Total, partitions * Target) : backlog?.Total;
}

/// <summary>cron: a floor of replicas between two times of the day.</summary>
/// <param name="Replicas">How many replicas the window asks for.</param>
public sealed record CronTrigger(string Name, CronExpression Start, CronExpression End, TimeZoneInfo Zone, int Replicas) : TriggerSpec(Name, Target: 1, Activation: 0)
{
    /// <inheritdoc/>
    public override double? Read(DateTimeOffset now, BacklogReading? backlog) =>
        // In the window, the next end comes before the next start.
        End.GetNextOccurrence(now, Zone) < Start.GetNextOccurrence(now, Zone) ? Replicas : 0;
}

/// <summary>cpu: handed to Kubernetes as it is; it cannot switch anything on.</summary>
/// <param name="IsAppOnly">Of the app's container, not of the whole pod.</param>
public sealed record CpuTrigger(string Name, int TargetPercent, bool IsAppOnly = false) : TriggerSpec(Name, TargetPercent, Activation: 0)
{
    /// <inheritdoc/>
    public override MetricSpec ToMetric() => new UtilizationMetric(Name, TargetPercent, IsAppOnly);

    /// <inheritdoc/>
    public override double? Read(DateTimeOffset now, BacklogReading? backlog) => 0;
}
